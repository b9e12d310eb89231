import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseBackend } from '@motley/core/node';
import type { Checkpoint, MetricRecord, ResumePoint } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { config } from './config.ts';
import type { Speech } from './data.ts';
import { openSynthesizer } from './synthesis/open.ts';
import { corpusOf, partOf } from './testing/corpus.ts';
import { describeNative } from './testing/native.ts';
import { train } from './train.ts';

const WORDS = ['no', 'yes', 'one', 'two', 'sea', 'sun'];
const TRAINING = Array.from({ length: 60 }, (_, index) => WORDS[index % WORDS.length]!);

const tiny = (...set: readonly string[]) =>
  config.resolve({
    set: [
      'data.buckets=1',
      'data.workers=0',
      'features.bands=12',
      'features.hopInMs=20',
      'model.listenerUnits=12',
      'model.spellerUnits=16',
      'model.attentionSize=8',
      'model.embeddingSize=8',
      'model.locationFilters=2',
      'model.locationRadius=2',
      'training.batchSize=12',
      'training.learningRate=0.02',
      'training.warmupSteps=2',
      'training.sanityBatches=0',
      'training.logEverySteps=5',
      ...set,
    ],
  });

describeNative('a training', () => {
  let folder: string;
  let speech: Speech;
  beforeAll(async () => {
    await chooseBackend('tensorflow');
    folder = await mkdtemp(join(tmpdir(), 'motley-las-speech-'));
    const synthesizer = await openSynthesizer();
    const corpus = await corpusOf(folder, synthesizer, { training: TRAINING, validation: WORDS });
    await synthesizer.close();
    speech = { training: partOf(corpus, 'training'), validation: partOf(corpus, 'validation'), tests: {} };
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ['both', ['loss', 'spelling', 'ctc', 'accuracy']],
    ['attention', ['loss', 'accuracy']],
    ['ctc', ['loss']],
  ] as const)('learns with the heads %s, and leaks no tensors', async (heads, terms) => {
    const before = tf.memory().numTensors;
    const records: MetricRecord[] = [];
    const listener = { onMetrics: (record: MetricRecord) => void records.push(record) };
    const { model, result } = await train(tiny(`model.heads=${heads}`, 'training.steps=25'), speech, {
      listeners: [listener],
    });
    expect(result).toMatchObject({ status: 'completed', steps: 25 });
    const logged = records.filter(({ split }) => split === 'train').map(({ metrics }) => metrics);
    for (const term of terms) expect(logged[0]).toHaveProperty(term);
    const losses = logged.flatMap(({ loss }) => loss ?? []);
    expect(losses.at(-1)!).toBeLessThan(0.75 * losses[0]!);
    const validation = records.filter(({ split }) => split === 'validation').at(-1)!.metrics;
    const rates = ['characterErrorRate', 'wordErrorRate'];
    const measured = heads === 'ctc' ? ['loss'] : ['loss', 'accuracy', 'monotonicity'];
    for (const name of [...measured, ...rates]) expect(validation[name]).toBeGreaterThanOrEqual(0);
    expect(tf.memory().numTensors).toBe(before + model.namedParameters().size);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('resumes from a checkpoint within an epoch to the same bits, with any number of workers', async () => {
    const settings = tiny('training.steps=8', 'training.checkpointEverySteps=3');
    const points: ResumePoint[] = [];
    const listener = { onCheckpoint: (checkpoint: Checkpoint) => Promise.resolve(void points.push(checkpoint)) };
    const whole = await train(settings, speech, { listeners: [listener] });
    expect((points[0]!.state as { step: number }).step).toBe(3);
    const threaded = { ...settings, data: { ...settings.data, workers: 1 } };
    const rest = await train(threaded, speech, { resume: points[0]! });
    const values = ({ model }: typeof whole) => Object.values(model.stateDict()).map((tensor) => tensor.dataSync());
    expect(tf.tidy(() => values(rest))).toEqual(tf.tidy(() => values(whole)));
    expect(rest.result.metrics).toEqual(whole.result.metrics);
    whole.model.dispose();
    rest.model.dispose();
  });
});
