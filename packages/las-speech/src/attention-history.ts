import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { firstIssue, listOf, type TrainingListener, UserError } from '@motley/run';
import {
  attentionOverTime,
  type Figure,
  orWarning,
  readJson,
  type RunFolder,
  writeFileAtomically,
} from '@motley/run/node';
import { z } from 'zod';
import { attentionTo, rowLabels } from './attended.ts';
import type { LasSpeechConfig } from './config.ts';
import { lettersOf } from './error-rates.ts';
import type { ListenAttendSpell } from './model.ts';
import { openPart, type SpeechPart, type Utterances } from './utterances.ts';

/** Series of pictures in a run's folder: `figures/attention/step-N.png`, and beside each the weights as JSON. */
const NAME = 'attention';

const recordSchema = z.strictObject({
  step: z.int().min(0),
  epoch: z.int().min(0),
  text: z.string(),
  stepInSeconds: z.number().positive(),
  /** [L, U], row-major, with three decimals. */
  weights: listOf(z.number().min(0).max(1)),
});
type AttentionRecord = z.output<typeof recordSchema>;

/** Draws the attention to one fixed utterance at every validation. A picture that fails is a warning. */
export function attentionListener(
  model: ListenAttendSpell,
  config: LasSpeechConfig,
  part: SpeechPart,
  folder: RunFolder,
): TrainingListener {
  return {
    async onMetrics({ split, step, epoch }) {
      if (split !== 'validation' || model.speller === undefined) return;
      await orWarning('attention', async () => {
        const utterances = openPart(part, config.features);
        const place = placeOfMedian(utterances);
        const attended = await attentionTo(model, config, utterances, place, utterances.text(place));
        if (attended === undefined) return;
        const weights = Array.from(attended.weights, (weight) => Math.round(weight * 1000) / 1000);
        const record = { ...attended, step, epoch, weights };
        const { png } = await drawMaps(`Attention after step ${step}`, [{ weights }], record);
        const path = await folder.writeFigureOfStep(NAME, { png }, step);
        await writeFileAtomically(path.replace(/png$/, 'json'), JSON.stringify(record));
      });
    },
  };
}

/** Place of the utterance whose text has the middle length. */
export function placeOfMedian(utterances: Utterances): number {
  const lengths = Array.from({ length: utterances.count }, (_, place) => lettersOf(utterances.text(place)).length);
  const places = [...lengths.keys()].sort((one, other) => lengths[one]! - lengths[other]!);
  return places[Math.floor(places.length / 2)]!;
}

/** Epochs that stand side by side. */
const MOST_MAPS = 6;

/**
 * Attention to the fixed utterance over a training: after the first epochs, which show how it finds the diagonal, some
 * on the way, and the last.
 * @param path of the run's folder
 * @returns undefined where the folder has no attention of a validation
 * @throws UserError naming a damaged file
 */
export async function attentionOverTraining(path: string): Promise<Figure | undefined> {
  const records = await readRecords(join(path, 'figures', NAME));
  const ofEpochs = [...new Map(records.map((record) => [record.epoch, record])).values()];
  const last = ofEpochs.at(-1);
  if (last === undefined) return undefined;
  const same = ofEpochs.filter(({ text, weights }) => text === last.text && weights.length === last.weights.length);
  const maps = chosenEpochs(same.length, MOST_MAPS).map((index) => {
    const { epoch, weights } = same[index]!;
    return { name: `epoch ${epoch}`, weights };
  });
  return drawMaps('Attention over the training', maps, last);
}

/** Indices of at most `most` of `count` epochs: three at the beginning, then at equal ratios, up to the last. */
export function chosenEpochs(count: number, most: number): number[] {
  const ratio = count > most ? (count / 3) ** (1 / (most - 3)) : 1;
  const chosen = Array.from({ length: Math.min(count, most) }, (_, index) =>
    count <= most || index < 3 ? index : Math.round(3 * ratio ** (index - 2)) - 1,
  );
  return [...new Set(chosen)];
}

function drawMaps(
  title: string,
  maps: readonly { readonly name?: string; readonly weights: readonly number[] }[],
  { text, stepInSeconds }: Pick<AttentionRecord, 'text' | 'stepInSeconds'>,
): Promise<Figure> {
  const subtitle = 'an utterance of the validation set, its transcript told';
  return attentionOverTime({ title, subtitle, maps, symbols: rowLabels(text), symbolName: 'letter', stepInSeconds });
}

/** Records in the order of their steps. */
async function readRecords(folder: string): Promise<AttentionRecord[]> {
  const names = await readdir(folder).catch(() => []);
  const records: AttentionRecord[] = [];
  for (const name of names.filter((each) => /^step-\d+\.json$/.test(each))) {
    const path = join(folder, name);
    const parsed = recordSchema.safeParse(await readJson(path, 'attention weights'));
    if (!parsed.success) throw new UserError(`${path}: expected attention weights, found ${firstIssue(parsed.error)}`);
    records.push(parsed.data);
  }
  return records.sort((one, other) => one.step - other.step);
}
