import { chooseBackend } from '@motley/core/node';
import { UserError } from '@motley/run';
import type { PlainCommand } from '@motley/run/node';
import { z } from 'zod';
import { bar } from '../bar.ts';
import { readPicture } from '../pictures/decode.ts';
import { frame } from '../pictures/framing.ts';
import { parseLabels } from './labels.ts';
import { encodeLabels, nameBy, openNameSpace, similarityOf } from './name-space.ts';
import { namingDefaults } from './naming.ts';
import { openNamer } from './open-namer.ts';
import { openWordNet } from './open-word-net.ts';

const NONE = 'none of these';

export const labelsOption = z
  .string()
  .nullable()
  .default(null)
  .describe(
    'a run\'s classes; a list with commas, "pizza, steak, sushi", needs no run: EfficientNet-Lite0 and a sentence encoder name the pictures',
  );

const options = {
  labels: labelsOption,
  top: z.int().min(1).default(3).describe('labels shown for each picture, the most probable first'),
  framing: z
    .enum(['crop', 'whole'])
    .default('crop')
    .describe('the middle of a photograph; whole for a thing on an empty ground'),
};

/** Names pictures by labels that nothing was trained on. */
export const namesCommand: PlainCommand<typeof options> = {
  description: 'name pictures by any labels, without a run',
  files: 'JPEG, PNG or WebP pictures of any size',
  options,
  async run({ files, options: { labels: list, top, framing }, print }) {
    if (files.length === 0) throw new UserError('predict: expected JPEG, PNG or WebP files, got none');
    const labels = parseLabels(list ?? '');
    await chooseBackend('auto');
    const namer = await openNamer();
    try {
      const space = await openNameSpace(await openWordNet(), namer.encodeOnce);
      const similarity = similarityOf(space, await encodeLabels(namer.encode, labels));
      const shown = [...labels, NONE];
      const longest = shown.reduce((most, { length }) => Math.max(most, length), 0);
      for (const file of files) {
        const begin = performance.now();
        const { values } = frame(await readPicture(file), namer.seeing.preprocessing, framing);
        const shares = nameBy(space, await namer.classify(values), similarity, namingDefaults);
        print(`${file}: ${(performance.now() - begin).toFixed(0)} ms`);
        const order = Array.from(shown.keys()).sort((a, b) => shares[b]! - shares[a]!);
        for (const label of order.slice(0, top)) {
          const percent = (100 * shares[label]!).toFixed(1).padStart(5);
          print(`  ${shown[label]!.padEnd(longest)} ${bar(shares[label]!)} ${percent} %`);
        }
      }
    } finally {
      namer.dispose();
    }
  },
};
