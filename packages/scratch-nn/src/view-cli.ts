import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RandomNumbers, writeFileAtomically } from '@motley/core/scratch';
import { drawPictures, printPicture } from './data.ts';
import { describeData, examplesFigure } from './figures.ts';
import { CLASSES } from './shapes.ts';
import { count, OPTIONS, runTool, settingsOf, userPath } from './tool.ts';

const HELP = `view: print the pictures that a configuration draws
  --preset NAME, --config FILE, --set key=value, --seed N   as with train
  --count N    how many (default 8)
  --out DIR    write them to pictures.png there too`;

process.exitCode = await runTool(HELP, async (argv) => {
  const options = { ...OPTIONS, count: { type: 'string' }, out: { type: 'string' } } as const;
  const { values } = parseArgs({ args: argv, options });
  const { data, training } = await settingsOf(values);
  const pictures = drawPictures(data, count('--count', values.count, 8, 1000), RandomNumbers.fromSeed(training.seed));
  for (const [index, label] of pictures.labels.entries())
    process.stdout.write(`${printPicture(pictures, index)}\n${CLASSES[label]!}\n`);
  if (values.out === undefined) return;
  const folder = userPath(values.out);
  await mkdir(folder, { recursive: true });
  const { png } = await examplesFigure(pictures, `Pictures, ${describeData(data)}`);
  await writeFileAtomically(join(folder, 'pictures.png'), png);
  process.stdout.write(`${join(folder, 'pictures.png')}\n`);
});
