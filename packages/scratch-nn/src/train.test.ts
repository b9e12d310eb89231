import { decodeArrays, encodeArrays, type Checkpoint, type MetricRecord } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { config, type ScratchConfig } from './config.ts';
import { createPictures } from './data.ts';
import { measure } from './evaluate.ts';
import { createNetwork, train } from './train.ts';

const layers = [
  { type: 'convolution', filters: 4, activation: 'relu' },
  { type: 'batchNorm' },
  { type: 'maxPooling' },
  { type: 'flatten' },
  { type: 'dropout', rate: 0.1 },
  { type: 'dense', units: 4, activation: 'softmax', learningRate: 0.02 },
];

const configOf = (...set: string[]): ScratchConfig =>
  config.resolve({
    set: [
      `model.layers=${JSON.stringify(layers)}`,
      'data.size=10',
      'data.count=200',
      'training.epochs=4',
      'training.learningRate=0.01',
      ...set,
    ],
  });

/** Runs a training, optionally stopped after a step; returns its records and copies of its checkpoints. */
async function run(settings: ScratchConfig, from?: Checkpoint, best?: Checkpoint, stopAt?: number) {
  const records: Omit<MetricRecord, 'timeInSeconds'>[] = [];
  const checkpoints: Checkpoint[] = [];
  const controller = new AbortController();
  const listener = {
    onMetrics: ({ step, epoch, split, metrics }: MetricRecord) => {
      const { loss = NaN, accuracy = NaN, epochLoss = NaN } = metrics;
      records.push({ step, epoch, split, metrics: { loss, accuracy, epochLoss } });
    },
    onProgress: ({ step }: { readonly step: number }) => {
      if (step === stopAt) controller.abort();
    },
    onCheckpoint: (checkpoint: Checkpoint) => Promise.resolve(void checkpoints.push(structuredClone(checkpoint))),
  };
  const resume = from && { ...from, ...(best && { loadBest: () => Promise.resolve(best.weights) }) };
  const pictures = createPictures(settings.data, settings.training.seed);
  const { model: network, result } = await train(settings, pictures, {
    listeners: [listener],
    signal: controller.signal,
    resume,
  });
  return { network, result, records, checkpoints, pictures };
}

const weightsOf = ({ network }: { readonly network: ReturnType<typeof createNetwork> }) =>
  Object.fromEntries([...network.state].map(([name, { values }]) => [name, values]));

describe('train', () => {
  it.each(['sgd', 'momentum', 'adam'])('learns with %s', async (optimizer) => {
    const settings = configOf(`training.optimizer=${optimizer}`, 'training.epochs=8', 'data.noise=0');
    const { network, result, records, pictures } = await run(settings);
    const untrained = measure(createNetwork(settings), pictures.validation);
    expect(result).toMatchObject({ status: 'completed', epochs: 8, steps: 8 * Math.ceil(140 / 32) });
    expect(result.metrics.validation!.loss).toBeLessThan(0.8 * untrained.loss);
    expect(measure(network, pictures.test)).toEqual(result.metrics.test);
    expect(records.filter(({ split, metrics }) => split === 'train' && !Number.isNaN(metrics.loss))).toHaveLength(8);
  });

  it('ends with the best weights by validation', async () => {
    const { network, result, records, pictures } = await run(configOf());
    const losses = records
      .filter(({ split }) => split === 'validation')
      .map(({ metrics, step }) => [metrics.loss!, step]);
    const [loss, step] = losses.sort(([a], [b]) => a! - b!)[0]!;
    expect(result.bestStep).toBe(step);
    expect(measure(network, pictures.validation).loss).toBe(loss);
  });

  it.each([
    ['the end of an epoch', 1],
    ['the last checkpoint but one', 2],
  ])('resumes from %s to the same bits', async (_, index) => {
    const settings = configOf();
    const whole = await run(settings);
    const { bestStep } = whole.result;
    const from = whole.checkpoints[index]!;
    const best = whole.checkpoints.findLast(({ step, isBest }) => isBest && step <= from.step)!;
    const again = await run(settings, from, best);
    expect(again.result.bestStep).toBe(bestStep);
    expect(weightsOf(again)).toEqual(weightsOf(whole));
    expect(again.records).toEqual(
      whole.records.filter(({ step }, position) => step > from.step || position === whole.records.length - 1),
    );
    expect(again.checkpoints.at(-1)!.optimizer).toEqual(whole.checkpoints.at(-1)!.optimizer);
  });

  it('saves when interrupted within an epoch, and resumes to the same bits', async () => {
    const settings = configOf();
    const whole = await run(settings);
    const part = await run(settings, undefined, undefined, 1);
    expect(part.result).toMatchObject({ status: 'stopped', steps: 1, epochs: 1 });
    expect(part.checkpoints).toHaveLength(1);
    const rest = await run(settings, part.checkpoints[0]);
    // The interruption logs the step before it, so only the means between two log lines differ.
    const measured = ({ records }: typeof whole) =>
      records.filter(({ split, metrics }) => split !== 'train' || !Number.isNaN(metrics.epochLoss));
    expect(measured(rest)).toEqual(measured(whole));
    expect(weightsOf(rest)).toEqual(weightsOf(whole));
  });

  it('refuses the weights of another network, and an invalid state', async () => {
    const settings = configOf();
    const [checkpoint] = (await run(configOf('training.steps=1'))).checkpoints;
    const other = {
      ...checkpoint!,
      weights: encodeArrays({
        ...decodeArrays(checkpoint!.weights, 'weights'),
        'layers.0.weight': { shape: [1], values: Float32Array.of(1) },
      }),
    };
    await expect(run(settings, other)).rejects.toThrow(
      'weights: expected "layers.0.weight" float32 [3, 3, 1, 4], found float32 [1]',
    );
    await expect(run(settings, { ...checkpoint!, state: { step: -1 } })).rejects.toThrow(
      'training state: expected one of this version, found at step: ',
    );
  });

  it('names the step of a loss that is not finite', async () => {
    const settings = configOf('training.learningRate=1e30', 'training.optimizer=sgd');
    await expect(run(settings)).rejects.toThrow(
      /step \d+: expected a finite loss, got NaN; try a lower training.learningRate/,
    );
  });

  it('refuses a network without an output for each class', () => {
    const wrong = [...layers.slice(0, -1), { type: 'dense', units: 3, activation: 'softmax' }];
    expect(() => createNetwork(configOf(`model.layers=${JSON.stringify(wrong)}`))).toThrow(
      'model.layers: expected the last layer to give 4 values, one for each class, got [3]',
    );
  });
});
