import { chooseBackend } from '@motley/core/node';
import { type Checkpoint, type MetricRecord, UserError, type ResumePoint } from '@motley/run';
import { nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { controlledAccuracies, QUANTITIES } from './controls.ts';
import { openTestStream, openTrainingStream } from './data.ts';
import { baselines, evaluate, TestEvaluator } from './evaluate.ts';
import { drawFigures } from './figures.ts';
import { renderNotebook } from './notebook.ts';
import { createModel, train } from './train.ts';

/** An easy task: small pictures of large shapes with high contrast. */
const easy = [
  'model.channels=8,16',
  'data.imageSize=16',
  'data.diameters=0.8,0.9',
  'data.minContrast=0.6',
  'data.maxNoise=0',
  'data.curriculumImages=0',
  'data.validationImages=50',
  'data.imagesPerEpoch=320',
  'training.batchSize=16',
  'training.logEverySteps=10',
  'evaluation.images=100',
  'evaluation.controlledImages=4',
];
const { describeNative } = await nativeGate(() => chooseBackend('tensorflow'));

describeNative('train', () => {
  it('learns, reports its waiting time, and leaks no tensors', async () => {
    await chooseBackend('tensorflow');
    const before = tf.memory().numTensors;
    const settings = config.resolve({ set: [...easy, 'training.epochs=12', 'training.learningRate=0.01'] });
    const records: MetricRecord[] = [];
    const evaluator = new TestEvaluator(settings);
    const { model, result, waiting } = await train(settings, evaluator, {
      listeners: [{ onMetrics: (record) => void records.push(record) }],
    });
    expect(result).toMatchObject({ status: 'completed', epochs: 12, steps: 240 });
    const losses = records.flatMap(({ metrics }) => metrics.epochLoss ?? []);
    expect(losses.at(-1)!).toBeLessThan(0.85 * losses[0]!);
    const [evaluation, baselines] = [await evaluator.evaluation(model), await evaluator.baselines()];
    expect(evaluation.metrics.images).toBe(100);
    expect(evaluation.metrics.accuracyLow).toBeGreaterThan(baselines.chance!.accuracy!);
    expect(baselines.classMeans!.images).toBe(100);
    expect(result.metrics.test).toEqual(evaluation.metrics);
    expect(evaluation.losses).toHaveLength(100);
    const waits = records.filter(({ metrics }) => 'waitShare' in metrics);
    expect(waits).toHaveLength(12);
    expect(waits.at(-1)!.metrics).toEqual(waiting);
    expect(waiting.waitShare).toBeGreaterThan(0);
    expect(waiting.waitShare).toBeLessThan(1);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a training', () => {
  it('resumes from a checkpoint within an epoch to the same weights, bit for bit', async () => {
    await chooseBackend('wasm');
    const set = [...easy, 'training.steps=8', 'training.checkpointEverySteps=5', 'data.curriculumImages=300'];
    const settings = config.resolve({ set: [...set, 'evaluation.images=10'] });
    const points: ResumePoint[] = [];
    const listener = {
      onCheckpoint: (checkpoint: Checkpoint) => Promise.resolve(void points.push(checkpoint)),
    };
    const whole = await train(settings, new TestEvaluator(settings), { listeners: [listener] });
    // Without workers: the number of workers must not matter.
    const alone = { ...settings, data: { ...settings.data, workers: 0 } };
    const resumed = await train(alone, new TestEvaluator(alone), { resume: points[0]! });
    expect((points[0]!.state as { step: number }).step).toBe(5);
    const [expected, found] = [whole.model.stateDict(), resumed.model.stateDict()];
    for (const [name, tensor] of Object.entries(expected)) expect(found[name]!.dataSync()).toEqual(tensor.dataSync());
    expect(resumed.result.metrics.test).toEqual(whole.result.metrics.test);
    tf.disposeVariables();
  });

  it('refuses settings that do not fit, naming the field', async () => {
    const short = config.resolve({ set: [...easy, 'data.imagesPerEpoch=10'] });
    await expect(train(short, new TestEvaluator(short))).rejects.toThrow(
      new UserError('data.imagesPerEpoch: expected at least a batch of 16, got 10'),
    );
    const turned = config.resolve({ set: [...easy, 'data.diameters=0.9,0.3'] });
    await expect(train(turned, new TestEvaluator(turned))).rejects.toThrow(
      'data.diameters: expected the smaller first, got 0.9,0.3',
    );
  });
});

describe('figures', () => {
  it('draws all figures and the notebook of an untrained network, and leaks no tensors', async () => {
    await chooseBackend('cpu');
    const ranges = ['data.diameters=0.3,0.9', 'data.minContrast=0.3', 'data.maxNoise=0.1'];
    const settings = config.resolve({ set: [...easy, ...ranges, 'data.workers=0', 'evaluation.images=60'] });
    const model = createModel(settings).eval();
    const before = tf.memory().numTensors;
    const controls = await controlledAccuracies(model, settings);
    for (const quantity of QUANTITIES) {
      const found = controls.filter((each) => each.quantity === quantity);
      expect(found).toHaveLength(8);
      expect(new Set(found.map(({ wasTrainedOn }) => wasTrainedOn))).toEqual(new Set([true, false]));
      for (const { accuracy, interval } of found) {
        expect(interval[0]).toBeLessThanOrEqual(accuracy);
        expect(interval[1]).toBeGreaterThanOrEqual(accuracy);
      }
    }
    const { test, training } = { test: await openTestStream(settings), training: await openTrainingStream(settings) };
    const evaluation = await evaluate(model, test);
    const measured = await baselines(training, test);
    const record = { step: 1, epoch: 1, split: 'validation', timeInSeconds: 1, metrics: { accuracy: 0.5 } } as const;
    const findings = { evaluation, controls, records: [record] };
    const figures = await drawFigures(model, settings, findings);
    expect(Object.keys(figures)).toHaveLength(9);
    for (const { png } of Object.values(figures)) expect([...png.subarray(1, 4)]).toEqual([0x50, 0x4e, 0x47]);
    const page = renderNotebook({
      ...findings,
      figures,
      baselines: measured,
      settings,
      parameters: model.parameterCount(),
    });
    expect(page.match(/<img /g)).toHaveLength(9);
    expect(page).toContain(`it was wrong about ${evaluation.metrics.errors!}`);
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
  });
});
