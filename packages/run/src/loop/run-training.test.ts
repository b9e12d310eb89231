import { describe, expect, it } from 'vitest';
import { decodeArrays } from '../checkpoint/arrays.ts';
import { UserError } from '../config/errors.ts';
import { plateauSchedule } from '../schedules/plateau-schedule.ts';
import { constantSchedule } from '../schedules/schedules.ts';
import type { Metrics, TrainingListener } from './events.ts';
import { NonFiniteLossError } from './non-finite-error.ts';
import type { TrainingHooks } from './run-training.ts';
import {
  FakeLearner,
  numberedBatches,
  Recorder,
  Regression,
  schedule,
  trainFake,
  trainRegression,
  withoutTime,
  type Examples,
} from './testing.ts';
import { parseTrainingState, startingState } from './training-state.ts';

describe('runTraining', () => {
  it('learns, and reports to its listeners', async () => {
    let validation = 10;
    const validate = (): Promise<Metrics> => Promise.resolve({ loss: --validation === 7 ? 100 : validation });
    const { result, recorder, network } = await trainRegression({ epochs: 15 }, { validate });
    expect(result).toMatchObject({
      status: 'completed',
      steps: 60,
      epochs: 15,
      parameters: 3,
      engine: undefined,
      metrics: { validation: { loss: -5 } },
    });
    expect(result.samplesPerSecond).toBeGreaterThan(0);
    for (const [index, expected] of [3, -2, 0.5].entries())
      expect(Math.abs(network.values[index]! - expected)).toBeLessThan(0.05);
    const train = recorder.records.filter(({ split, metrics }) => split === 'train' && 'error' in metrics);
    expect(train.slice(0, 3).map(({ step, epoch }) => [step, epoch])).toEqual([
      [3, 1],
      [4, 1],
      [6, 2],
    ]);
    expect(train.at(-1)!.metrics.loss!).toBeLessThan(train[0]!.metrics.loss! / 10);
    const { loss, error, penalty, learningRate } = train[0]!.metrics;
    expect(loss).toBeCloseTo(error! + penalty!, 9);
    expect(learningRate).toBe(schedule(2));
    expect(recorder.records.filter(({ split }) => split === 'validation')).toHaveLength(15);
    expect(recorder.checkpoints.map(({ isBest }) => isBest).slice(0, 4)).toEqual([true, true, false, true]);
    expect(recorder.progress[0]).toMatchObject({ step: 1, steps: 60, epoch: 1, epochs: 15 });
    expect(recorder.epochEnds.map(({ epoch, step }) => [epoch, step])).toEqual(
      Array.from({ length: 15 }, (_, index) => [index + 1, 4 * (index + 1)]),
    );
  });

  it('logs the means of an epoch, each batch weighted by its examples', async () => {
    const network = new Regression(schedule);
    const update = network.update.bind(network);
    network.update = (examples, step) => {
      const { terms, ...rest } = update(examples, step);
      return { ...rest, terms: { ...terms, size: examples.length } };
    };
    const { recorder, result } = await trainRegression({ epochs: 1 }, {}, network);
    expect(recorder.records.at(-1)!.metrics.epochSize).toBeCloseTo((3 * 6 * 6 + 2 * 2) / 20, 9);
    expect(result.metrics.train!.size).toBe(recorder.records.at(-1)!.metrics.epochSize);
  });

  it('counts steps instead of epochs where requested', async () => {
    const { result, recorder } = await trainRegression({ steps: 6 });
    expect(result).toMatchObject({ status: 'completed', steps: 6, epochs: 2, bestStep: 6 });
    expect(recorder.checkpoints.map(({ step }) => step)).toEqual([4, 6]);
  });

  it('shortens epochs where requested', async () => {
    const { result, recorder } = await trainRegression({ stepsPerEpoch: 3, epochs: 2 });
    expect(result).toMatchObject({ steps: 6, epochs: 2 });
    expect(recorder.epochEnds.map(({ step }) => step)).toEqual([3, 6]);
  });

  it.each([3, 4, 10])('stops at a signal after saving step %i, and resumes exactly from there', async (stopAt) => {
    const whole = await trainRegression();
    const controller = new AbortController();
    const afterUpdate = (step: number): void => {
      if (step === stopAt - 1) controller.abort();
    };
    const first = await trainRegression({}, { signal: controller.signal, afterUpdate });
    expect(first.result).toMatchObject({ status: 'stopped', steps: stopAt, bestStep: 0 });
    const last = first.recorder.checkpoints.at(-1)!;
    expect(last.step).toBe(stopAt);
    expect([...decodeArrays(last.weights, 'weights').weight!.values]).toEqual([...first.network.weight]);
    const second = await trainRegression({}, { resume: last });
    expect(second.result).toMatchObject({ status: 'completed', steps: 20, epochs: 5 });
    expect(second.network.values).toEqual(whole.network.values);
    expect(second.network.slots()).toEqual(whole.network.slots());
    const epochs = ({ records }: Recorder): unknown[] =>
      withoutTime(records.filter(({ metrics }) => 'epochLoss' in metrics));
    expect([...epochs(first.recorder), ...epochs(second.recorder)]).toEqual(epochs(whole.recorder));
  });

  it('saves between epochs, and resumes within an epoch to the same bits', async () => {
    const settings = { epochs: 3, checkpointEverySteps: 3 };
    const whole = await trainRegression(settings);
    expect(whole.recorder.checkpoints.map(({ step }) => step)).toEqual([3, 4, 6, 8, 9, 12]);
    const middle = whole.recorder.checkpoints[2]!;
    expect(middle.state).toMatchObject({ step: 6, epoch: 1, batch: 2 });
    const resumed = await trainRegression(settings, { resume: middle });
    expect(resumed.network.values).toEqual(whole.network.values);
    expect(resumed.result.metrics).toEqual(whole.result.metrics);
    expect(withoutTime(resumed.recorder.records)).toEqual(
      withoutTime(whole.recorder.records.filter(({ step }) => step > 6)),
    );
    const [found, expected] = [resumed, whole].map(({ recorder }) => recorder.checkpoints.at(-1)!);
    expect([found!.weights, found!.optimizer]).toEqual([expected!.weights, expected!.optimizer]);
  });

  it('adds the time spent before a resume', async () => {
    const { recorder } = await trainRegression({ epochs: 1 });
    const saved = recorder.checkpoints[0]!;
    const state = { ...(saved.state as object), timeInSeconds: 1000 };
    const resumed = await trainRegression({ epochs: 2 }, { resume: { ...saved, state } });
    expect(resumed.recorder.records[0]!.timeInSeconds).toBeGreaterThanOrEqual(1000);
    expect(resumed.recorder.checkpoints[0]!.state).toMatchObject({
      timeInSeconds: expect.closeTo(1000, -1) as number,
    });
  });

  it('makes no update where the signal came before', async () => {
    const learner = new FakeLearner();
    const result = await trainFake(learner, { epochs: 1 }, { signal: AbortSignal.abort() });
    expect(result).toMatchObject({ status: 'stopped', steps: 0, epochs: 0, samplesPerSecond: 0, metrics: {} });
    expect(learner.calls).toEqual([]);
  });

  it('saves the step at which it is stopped while logging', async () => {
    const controller = new AbortController();
    const listener: TrainingListener = {
      onMetrics: ({ step }) => {
        if (step === 3) controller.abort();
      },
    };
    const { result, recorder } = await trainRegression({}, { signal: controller.signal, listeners: [listener] });
    expect(result).toMatchObject({ status: 'stopped', steps: 3 });
    expect(recorder.checkpoints.map(({ step }) => step)).toEqual([3]);
    const resumed = await trainRegression({}, { resume: recorder.checkpoints[0]! });
    expect(resumed.network.values).toEqual((await trainRegression()).network.values);
  });

  it('lets pending events run during training', async () => {
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort();
    });
    const settings = { epochs: 1_000_000, stepsPerEpoch: null, logEverySteps: 1_000_000 };
    const batches = numberedBatches(1_000_000);
    const result = await trainFake(new FakeLearner(), settings, { batches, signal: controller.signal });
    expect(result.status).toBe('stopped');
  });

  it('ends with the best weights, early where the patience is exhausted', async () => {
    const losses = [5, 3, 4, 3.5, 1, 2];
    const network = new Regression(schedule);
    const seen: number[][] = [];
    const validate = (): Promise<Metrics> => {
      seen.push(network.values);
      return Promise.resolve({ loss: losses[seen.length - 1]!, accuracy: 0.5 });
    };
    let tested: number[] = [];
    const test = (): Promise<Metrics> => {
      tested = network.values;
      return Promise.resolve({ loss: 7 });
    };
    const patience = { epochs: 6, earlyStoppingPatience: 2 };
    const { result, recorder } = await trainRegression(patience, { validate, test }, network);
    expect(result).toMatchObject({ status: 'completed', steps: 16, epochs: 4, bestStep: 8 });
    expect(result.metrics).toEqual({
      validation: { loss: 3.5, accuracy: 0.5 },
      bestValidation: { loss: 3, accuracy: 0.5 },
      test: { loss: 7 },
    });
    expect(network.values).toEqual(seen[1]);
    expect(tested).toEqual(seen[1]);
    expect(recorder.records.at(-1)).toMatchObject({ split: 'test', step: 16, metrics: { loss: 7 } });
    expect(recorder.epochEnds.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4]);

    // A resume after the end loads the best weights from their checkpoint.
    const [best, last] = [recorder.checkpoints[1]!, recorder.checkpoints.at(-1)!];
    const resume = { ...last, loadBest: () => Promise.resolve(best.weights) };
    const again = await trainRegression(patience, { validate, resume });
    expect(again.result).toMatchObject({ status: 'completed', steps: 16, bestStep: 8 });
    expect(again.network.values).toEqual(seen[1]);
    // Without the best checkpoint, it ends with the last weights.
    const without = await trainRegression(patience, { validate, resume: last });
    expect(without.result.bestStep).toBe(16);
    expect(without.network.values).toEqual(seen[3]);
  });

  it('keeps the lowest loss as the best, also where the patience counts it as no improvement', async () => {
    const losses = [3, 2.95, 2.8];
    const validate = (): Promise<Metrics> => Promise.resolve({ loss: losses.shift()! });
    const { recorder, result } = await trainRegression({ epochs: 3, earlyStoppingThreshold: 1 }, { validate });
    expect(recorder.checkpoints.map(({ isBest }) => isBest)).toEqual([true, true, true]);
    expect(result).toMatchObject({ bestStep: 12, metrics: { bestValidation: { loss: 2.8 } } });
  });

  it('keeps the start as the best where it is a candidate and no update improves on it', async () => {
    const losses = [1, 2, 3];
    const validate = (): Promise<Metrics> => Promise.resolve({ loss: losses.shift()! });
    const network = new Regression(schedule);
    const start = Float64Array.from(network.values);
    const hooks = { validate, startIsCandidate: true };
    const { result, recorder } = await trainRegression({ epochs: 2 }, hooks, network);
    expect(result).toMatchObject({ bestStep: 0, steps: 8, metrics: { bestValidation: { loss: 1 } } });
    expect(Float64Array.from(network.values)).toEqual(start);
    expect(recorder.checkpoints.map(({ step, isBest }) => [step, isBest])).toEqual([
      [0, true],
      [4, false],
      [8, false],
    ]);
  });

  it('ends with the last weights where nothing was validated', async () => {
    const learner = new FakeLearner({ lossAt: (step) => step });
    const recorder = new Recorder();
    const result = await trainFake(learner, { epochs: 2 }, { listeners: [recorder] });
    expect(recorder.checkpoints.map(({ isBest }) => isBest)).toEqual([true, false]);
    expect(learner.calls.at(-1)).toBe('finish as it is');
    expect(result).toMatchObject({ bestStep: 20, metrics: { train: { loss: 15.5 } } });
    expect(Object.keys(result.metrics)).toEqual(['train']);
  });

  it('validates every few steps, lowers the rate on a plateau, and keeps both in its state', async () => {
    const train = async (resume?: TrainingHooks<Examples>['resume']) => {
      const plateau = plateauSchedule({ learningRate: 0.1, patience: 0, factor: 0.5 });
      const validate = (): Promise<Metrics> => Promise.resolve({ loss: 1 });
      const settings = { steps: 9, logEverySteps: 1, validateEverySteps: 3 };
      return trainRegression(settings, { schedule: plateau, validate, resume }, new Regression(plateau));
    };
    const { recorder: whole } = await train();
    expect(whole.checkpoints.map(({ step }) => step)).toEqual([3, 4, 6, 8, 9]);
    expect(whole.records.flatMap(({ metrics }) => metrics.learningRate ?? [])).toEqual([
      0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05,
    ]);
    const { recorder: resumed } = await train(whole.checkpoints[3]);
    expect(resumed.checkpoints.at(-1)!.state).toMatchObject({ schedule: { fraction: 0.25 }, best: { step: 3 } });
    expect(resumed.checkpoints.at(-1)!.weights).toEqual(whole.checkpoints.at(-1)!.weights);
  });
});

describe('non-finite numbers', () => {
  it('end a training on typed arrays at their step, naming step and term with advice', async () => {
    const network = new Regression(schedule);
    const update = network.update.bind(network);
    network.update = (examples, step) => {
      const { terms, ...rest } = update(examples, step);
      return { ...rest, terms: step === 6 ? { ...terms, penalty: NaN } : terms };
    };
    const recorder = new Recorder();
    const training = trainRegression({ logEverySteps: 4 }, { listeners: [recorder] }, network);
    await expect(training).rejects.toThrow(NonFiniteLossError);
    await expect(training).rejects.toThrow(
      /^step 7: expected a finite penalty, got NaN; try a lower training\.learningRate$/,
    );
    await expect(training).rejects.toMatchObject({ step: 7 });
    expect(recorder.checkpoints.map(({ step }) => step)).toEqual([4]);
  });

  it('end any other training when its terms are read', async () => {
    const learner = new FakeLearner({ lossAt: (step) => (step >= 6 ? Infinity : 1) });
    const training = trainFake(learner, { epochs: 1, logEverySteps: 4 });
    await expect(training).rejects.toThrow(/^step 6: expected a finite loss, got Infinity$/);
    await expect(training).rejects.toMatchObject({ step: 6 });
    expect(learner.calls.filter((call) => call.startsWith('update'))).toHaveLength(8);
  });

  it('end a training in its validation, naming the update to look at', async () => {
    const validate = (): Promise<Metrics> => Promise.resolve({ loss: NaN });
    const training = trainRegression({}, { validate });
    await expect(training).rejects.toThrow(NonFiniteLossError);
    await expect(training).rejects.toThrow(/^validation after step 4: expected a finite loss, got NaN$/);
    await expect(training).rejects.toMatchObject({ step: 5 });
  });
});

describe('the loop', () => {
  const updatesOf = ({ calls }: FakeLearner): string[] => calls.filter((call) => call.startsWith('update'));

  it('makes as many updates per call as the learner can, up to the next due event', async () => {
    const learner = new FakeLearner({ stepsPerCall: 4 });
    const made: number[] = [];
    const settings = { epochs: 9, steps: 13, logEverySteps: 3, validateEverySteps: 5, checkpointEverySteps: 7 };
    const validate = (): Promise<Metrics> => Promise.resolve({ loss: 1 });
    await trainFake(learner, settings, { validate, afterUpdate: (step) => made.push(step) });
    expect(updatesOf(learner)).toEqual([
      'update 0 1 2 after 0',
      'update 3 4 after 3',
      'update 5 after 5',
      'update 6 after 6',
      'update 7 8 after 7',
      'update 9 after 9',
      'update 0 1 after 10',
      'update 2 after 12',
    ]);
    expect(made).toEqual([3, 5, 6, 7, 9, 10, 12, 13]);
  });

  it('gives an update its accumulated batches, fewer at the end of an epoch', async () => {
    const learner = new FakeLearner({ stepsPerCall: 4 }, 3);
    const recorder = new Recorder();
    const settings = { epochs: 2, accumulationSteps: 3, checkpointEverySteps: 3 };
    const result = await trainFake(learner, settings, { listeners: [recorder] });
    expect(updatesOf(learner)).toEqual([
      'update 0 1 2 after 0',
      'update 3 4 5 after 1',
      'update 6 7 8 after 2',
      'update 9 after 3',
      'update 0 1 2 after 4',
      'update 3 4 5 after 5',
      'update 6 7 8 after 6',
      'update 9 after 7',
    ]);
    expect(result).toMatchObject({ steps: 8, epochs: 2 });
    expect(recorder.checkpoints.map(({ state }) => parseTrainingState(state))).toMatchObject([
      { step: 3, epoch: 0, batch: 9 },
      { step: 4, epoch: 1, batch: 0 },
      { step: 6, epoch: 1, batch: 6 },
      { step: 8, epoch: 2, batch: 0 },
    ]);
    const short = new FakeLearner({}, 3);
    await trainFake(short, { epochs: 1, accumulationSteps: 3, stepsPerEpoch: 2 });
    expect(updatesOf(short)).toEqual(['update 0 1 2 after 0', 'update 3 4 5 after 1']);
  });

  it('reads, shows the graph once, validates, saves and ends in this order', async () => {
    const learner = new FakeLearner({ stepsPerCall: 10 });
    const told: string[] = [];
    const { calls } = learner;
    const listener: TrainingListener = {
      onMetrics: ({ split, metrics }) => void calls.push(`${split}: ${Object.keys(metrics).join()}`),
      onGraph: (graphDef) => void calls.push(`graph ${graphDef.join()}`),
      onEpochEnd: ({ weights }) => void calls.push(`epoch ${weights.join()}`),
      onCheckpoint: ({ weights, optimizer, state }) => {
        calls.push(`checkpoint ${weights.join()} ${optimizer.join()} of ${parseTrainingState(state).engine}`);
        return Promise.resolve();
      },
    };
    const measure = (name: string) => (): Promise<Metrics> => {
      told.push(`${name} ${learner.isEvaluating}`);
      return Promise.resolve({ loss: 1 });
    };
    const result = await trainFake(
      learner,
      { epochs: 1, logEverySteps: 5 },
      { listeners: [listener], validate: measure('validate'), test: measure('test') },
    );
    expect(calls).toEqual([
      'update 0 1 2 3 4 after 0',
      'read',
      'train: loss,learningRate',
      'graph 7',
      'update 5 6 7 8 9 after 5',
      'read',
      'train: loss,learningRate',
      'train: epochLoss,samplesPerSecond',
      'validation: loss',
      'encode',
      'epoch 1',
      'checkpoint 1 2 of fake',
      'finish 1',
      'test: loss',
    ]);
    expect(told).toEqual(['validate true', 'test false']);
    expect(result.engine).toBe('fake');
  });

  it('restores a learner before its first update', async () => {
    const learner = new FakeLearner();
    const state = { ...startingState(constantSchedule(1)), step: 18, epoch: 1, batch: 8 };
    const resume = { weights: Uint8Array.of(3), optimizer: Uint8Array.of(4), state };
    const result = await trainFake(learner, { epochs: 2 }, { resume });
    expect(learner.calls.slice(0, 3)).toEqual(['restore 3 4', 'update 8 after 18', 'update 9 after 19']);
    expect(result).toMatchObject({ status: 'completed', steps: 20, epochs: 2 });
  });

  it('reports a source with too few batches', async () => {
    const short = { batches: numberedBatches(10, 4) };
    await expect(trainFake(new FakeLearner(), { epochs: 1 }, short)).rejects.toThrow(
      'batches: expected 10 of epoch 0 from 0 on, got 4',
    );
    const state = { ...startingState(constantSchedule(1)), step: 12, epoch: 1, batch: 2 };
    const resume = { weights: new Uint8Array(), optimizer: new Uint8Array(), state };
    await expect(trainFake(new FakeLearner(), { epochs: 2 }, { ...short, resume })).rejects.toThrow(
      'batches: expected 8 of epoch 1 from 2 on, got 2',
    );
  });

  it('refuses a state that it did not save', async () => {
    expect(() => parseTrainingState({ step: -1 })).toThrow(UserError);
    expect(() => parseTrainingState({ step: -1 })).toThrow(
      /^training state: expected one of this version, found at step: /,
    );
    const resume = { weights: new Uint8Array(), optimizer: new Uint8Array(), state: 'none' };
    await expect(trainFake(new FakeLearner(), { epochs: 1 }, { resume })).rejects.toThrow('training state: ');
    const { recorder } = await trainRegression({ epochs: 1 });
    const foreign = { ...recorder.checkpoints[0]!, weights: recorder.checkpoints[0]!.optimizer };
    await expect(trainRegression({}, { resume: foreign })).rejects.toThrow(
      'weights: expected those of the configuration, found "velocity" too',
    );
  });
});
