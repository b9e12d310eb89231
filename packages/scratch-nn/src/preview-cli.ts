import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RandomNumbers, UserError, printable, shown } from '@motley/run';
import { makeFolder, readConfigFile, userPath, watchOutput, writeFileAtomically } from '@motley/run/node';
import { config } from './config.ts';
import { drawPictures, printPicture } from './data.ts';
import { describeData, examplesFigure } from './figures.ts';
import { CLASSES } from './shapes.ts';

const HELP = `preview: print sample pictures of a configuration
  --preset NAME, --config FILE, --set key=value, --seed N   as for train
  --count N    number of pictures (default 8)
  --out DIR    also write them to DIR/pictures.png
`;
const MAX_COUNT = 1000;
const OPTIONS = {
  preset: { type: 'string' },
  config: { type: 'string' },
  set: { type: 'string', multiple: true },
  seed: { type: 'string' },
  count: { type: 'string', default: '8' },
  out: { type: 'string' },
  help: { type: 'boolean' },
} as const;

async function preview(argv: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...argv], options: OPTIONS });
  if (values.help === true) return void process.stdout.write(HELP);
  const count = Number(values.count);
  if (!/^\d+$/.test(values.count) || count < 1 || count > MAX_COUNT)
    throw new UserError(`--count: expected a whole number from 1 to ${MAX_COUNT}, got ${shown(values.count)}`);
  const seeds = values.seed === undefined ? [] : [{ flag: '--seed', path: 'training.seed', text: values.seed }];
  const { data, training } = config.resolve({
    preset: values.preset,
    set: [...(values.set ?? []), ...seeds],
    ...(values.config !== undefined && { file: await readConfigFile(userPath(values.config, 'preview')) }),
  });
  const pictures = drawPictures(data, count, RandomNumbers.fromSeed(training.seed));
  for (const [index, label] of pictures.labels.entries())
    process.stdout.write(`${printPicture(pictures, index)}\n${CLASSES[label]!}\n`);
  if (values.out === undefined) return;
  const folder = userPath(values.out, 'preview');
  await makeFolder(folder);
  const { png } = await examplesFigure(pictures, `Pictures, ${describeData(data)}`);
  await writeFileAtomically(join(folder, 'pictures.png'), png);
  process.stdout.write(`${join(folder, 'pictures.png')}\n`);
}

try {
  const output = watchOutput();
  await preview(process.argv.slice(2));
  await output.finish();
} catch (error) {
  const { message, code = '' } = error as NodeJS.ErrnoException;
  process.stderr.write(`${printable(message.replaceAll('\n', ' '))}\n`);
  process.exitCode = error instanceof UserError || code.startsWith('ERR_PARSE_ARGS') ? 2 : 1;
}
