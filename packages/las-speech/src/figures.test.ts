import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseBackend } from '@motley/core/node';
import { type MetricRecord, RandomNumbers } from '@motley/run';
import { RunFolder } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { attentionTo, rowLabels } from './attended.ts';
import { attentionListener, attentionOverTraining, chosenEpochs, placeOfMedian } from './attention-history.ts';
import { config } from './config.ts';
import { createModel } from './create-model.ts';
import { confusionsFigure, errorByLengthFigure, errorByNoiseFigure, errorRatesFigure } from './error-figures.ts';
import { errorRates } from './error-rates.ts';
import { metricsOfParts, transcribeParts } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import type { ListenAttendSpell } from './model.ts';
import { planTexts } from './synthesis/plan.ts';
import { synthesize } from './synthesis/synthesize.ts';
import { fakeSynthesizer } from './synthesis/testing/fake-synthesizer.ts';
import { openPart, type SoundPart } from './utterances.ts';

const TEXTS = [
  'a whale',
  'the white whale swims',
  'call me',
  'the sea',
  'some years ago it was',
  'never mind how long',
];
const settings = config.resolve({
  set: [
    'features.bands=8',
    'model.listenerUnits=4',
    'model.attentionSize=4',
    'model.spellerUnits=6',
    'model.embeddingSize=4',
    'decoding.beam=1',
    'decoding.ctcWeight=0',
  ],
});

let folder: string;
let model: ListenAttendSpell;
let tests: Record<string, SoundPart>;
beforeAll(async () => {
  await chooseBackend('cpu');
  folder = await mkdtemp(join(tmpdir(), 'motley-las-figures-'));
  const synthesizer = fakeSynthesizer();
  const planned = planTexts(TEXTS, synthesizer, synthesizer.voices).map((each, index) => ({
    ...each,
    kind: index % 2 === 0 ? ('grammar' as const) : ('book' as const),
  }));
  const corpus = await synthesize(planned, [synthesizer], { cache: folder, report: () => undefined });
  tests = {
    seenVoices: { corpus, indices: Int32Array.of(0, 1, 2) },
    long: { corpus, indices: Int32Array.of(3, 4, 5) },
  };
  model = createModel(settings);
  model.eval();
});
afterAll(async () => {
  model.dispose();
  await rm(folder, { recursive: true });
});

const record = (epoch: number): MetricRecord => ({
  step: 10 * epoch,
  epoch,
  split: 'validation',
  timeInSeconds: epoch,
  metrics: { loss: 1, characterErrorRate: 1 / epoch },
});

it('draws sound, attention, errors, and the attention of a training', async () => {
  const run = await RunFolder.create({ system: 'las-speech', config: settings, out: join(folder, 'run') });
  const listener = attentionListener(model, settings, tests.long!, run);
  for (const epoch of [1, 2]) await listener.onMetrics!(record(epoch));
  await listener.onMetrics!({ ...record(3), split: 'train' });
  await run.close();
  expect((await readdir(join(run.path, 'figures', 'attention'))).sort()).toEqual([
    'step-10.json',
    'step-10.png',
    'step-20.json',
    'step-20.png',
  ]);
  const transcribed = await transcribeParts(model, settings, tests);
  const before = tf.memory().numTensors;
  const figures = await drawFigures(
    model,
    settings,
    { training: tests.long!, validation: tests.long!, tests },
    {
      transcribed,
      runPath: run.path,
      records: [record(1), record(2)],
      baselines: { guess: { characterErrorRate: 0.7 } },
    },
  );
  expect(tf.memory().numTensors).toBe(before);
  expect(Object.keys(figures).sort()).toEqual([
    'attention-1',
    'attention-2',
    'attention-over-training',
    'character-error-rate',
    'confusions',
    'error-by-kind',
    'error-by-length',
    'error-by-noise',
    'error-rates',
  ]);
  for (const { png } of Object.values(figures)) {
    expect(Buffer.from(png.subarray(1, 4)).toString()).toBe('PNG');
    expect(png.length).toBeGreaterThan(10_000);
  }
  expect(figures['attention-1']!.svg).toContain('>said: call me<');
  for (const epoch of ['epoch 1', 'epoch 2']) expect(figures['attention-over-training']!.svg).toContain(`>${epoch}<`);
  expect(figures['error-rates']!.svg).toContain('>characters: guess<');
  expect(figures['error-by-noise']!.svg).toContain('>pink noise<');
});

it('counts errors by the kind of the transcript, and by pieces of what is long', async () => {
  const transcribed = await transcribeParts(model, settings, tests);
  expect(transcribed.seenVoices!.map(({ kind }) => kind)).toEqual(['grammar', 'book', 'grammar']);
  expect(transcribed.longInPieces!.map(({ reference }) => reference)).toEqual(TEXTS.slice(3));
  const { grammar, book, both } = Object.fromEntries(
    Object.entries({ grammar: [0, 2], book: [1], both: [0, 1, 2] }).map(([name, places]) => {
      const chosen = places.map((place) => transcribed.seenVoices![place]!);
      return [name, errorRates(chosen).characterErrorRate.value];
    }),
  );
  expect(metricsOfParts(transcribed).seenVoices).toMatchObject({
    characterErrorRate: both,
    grammarCharacterErrorRate: grammar,
    bookCharacterErrorRate: book,
  });
});

it('a damaged file of attention is named in one line', async () => {
  const path = join(folder, 'run', 'figures', 'attention', 'step-10.json');
  const { weights, ...rest } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  await writeFile(path, JSON.stringify({ ...rest, weights: (weights as number[]).map(() => 2) }));
  await expect(attentionOverTraining(join(folder, 'run'))).rejects.toThrow(/step-10\.json: expected attention weights/);
  expect(await attentionOverTraining(join(folder, 'no-run'))).toBeUndefined();
});

it('attention has a row for each letter and the end, each of sum 1', async () => {
  const utterances = openPart(tests.seenVoices!, settings.features);
  const { weights, stepInSeconds } = (await attentionTo(model, settings, utterances, 1, 'whale'))!;
  const steps = Math.ceil((await utterances.frames(1)).count / 4);
  expect(weights).toHaveLength(6 * steps);
  for (let row = 0; row < 6; row++)
    expect(weights.subarray(row * steps, (row + 1) * steps).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
  expect(stepInSeconds).toBe(0.04);
});

it('the fixed utterance has the middle length', () => {
  const utterances = openPart({ ...tests.long!, indices: Int32Array.of(0, 1, 2, 3, 4) }, settings.features);
  expect(TEXTS[placeOfMedian(utterances)]!.length).toBe(7);
});

it('labels letters in short texts, and words in long ones', () => {
  expect(rowLabels('a sea')).toEqual(['a', '␣', 's', 'e', 'a', '</s>']);
  const long = 'the whale '.repeat(6).trim();
  const labels = rowLabels(long);
  expect(labels).toHaveLength(long.length + 1);
  expect(labels.slice(0, 5)).toEqual(['the', '', '', '', 'whale']);
  expect(labels.filter((label) => label !== '')).toEqual(long.split(' '));
});

it.each([
  [0, []],
  [4, [0, 1, 2, 3]],
  [20, [0, 1, 2, 5, 10, 19]],
])('of %i epochs, the first, some and the last stand side by side', (count, chosen) => {
  expect(chosenEpochs(count, 6)).toEqual(chosen);
});

it('errors are drawn by set, length, noise and letter', () => {
  const random = RandomNumbers.fromSeed(1);
  const said = TEXTS.flatMap((text) => Array.from({ length: 12 }, () => text));
  const wrong = random.uniformValues(said.length, 0, 1);
  const transcriptions = said.map((reference, index) => ({
    reference,
    hypothesis: wrong[index]! < 0.5 ? reference.replace('e', 'i') : reference,
  }));
  const rates = errorRatesFigure({ unseenVoices: transcriptions }).svg!;
  const expected = said.filter((text, index) => wrong[index]! < 0.5 && text.includes('e')).length;
  const letters = said.join('').length;
  expect(rates).toContain(`>unseen voices: ${((100 * expected) / letters).toFixed(1)} %<`);
  const lengths = errorByLengthFigure({ test: transcriptions }).svg!;
  for (const range of ['below 10', '10 to 20', '20 to 30']) expect(lengths).toContain(`>${range}<`);
  expect(lengths).not.toContain('>30 to 40<');
  const noisy = [0, 10].map((snrInDb) => ({ kind: 'white noise', snrInDb, transcriptions }));
  expect(errorByNoiseFigure(transcriptions, noisy).svg).toContain('>white noise<');
  const confusions = confusionsFigure(transcriptions).svg!;
  expect(confusions).toContain(`>${expected}<`);
  expect(confusions).toContain(`>a 100.0 %<`);
});
