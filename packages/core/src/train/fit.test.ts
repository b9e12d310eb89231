import {
  constantSchedule,
  type MetricRecord,
  NonFiniteLossError,
  parseTrainingState,
  type TrainingListener,
} from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { encodeTensors } from '../checkpoint/tensors.ts';
import { chooseBackend } from '../node/backend.ts';
import { describeOn } from '../testing/native.ts';
import { fit, type StepCompiler } from './fit.ts';
import { BACKENDS, Recorder, regression, weightsOf, withoutTime, type Options } from './testing.ts';

describeOn(BACKENDS, 'fit on %s', (backend) => {
  beforeAll(() => chooseBackend(backend));

  it('reduces the loss and reports to its listeners', async () => {
    const recorder = new Recorder();
    let validation = 10;
    const validate = () => Promise.resolve({ loss: --validation === 7 ? 100 : validation });
    const options = regression({ epochs: 15, listeners: [recorder], validate, sanityBatches: 0 });
    const result = await fit(options);
    expect(result).toMatchObject({ status: 'completed', steps: 60, epochs: 15, metrics: { validation: { loss: -5 } } });
    expect(result.samplesPerSecond).toBeGreaterThan(0);
    for (const [index, expected] of [3, -2, 0.5].entries())
      expect(Math.abs(weightsOf(options.model)[index]! - expected)).toBeLessThan(0.3);
    const train = recorder.records.filter(({ split, metrics }) => split === 'train' && 'error' in metrics);
    expect(train.slice(0, 3).map(({ step, epoch }) => [step, epoch])).toEqual([
      [3, 1],
      [4, 1],
      [6, 2],
    ]);
    expect(train.at(-1)!.metrics.loss!).toBeLessThan(train[0]!.metrics.loss! / 10);
    const { loss, error, penalty, learningRate } = train[0]!.metrics;
    expect(loss).toBeCloseTo(error! + penalty!, 5);
    expect(learningRate).toBe(options.schedule(2));
    expect(recorder.records.filter(({ split }) => split === 'validation')).toHaveLength(15);
    expect(recorder.checkpoints.map(({ isBest }) => isBest).slice(0, 4)).toEqual([true, true, false, true]);
    expect(recorder.progress[0]).toMatchObject({ steps: 60, epochs: 15 });
  });

  it('logs epoch means, with each batch weighted by its number of examples', async () => {
    const recorder = new Recorder();
    const options = regression({ epochs: 1, listeners: [recorder] });
    const loss: Options['loss'] = (batch, context) => {
      return { ...options.loss(batch, context), size: tf.scalar(batch.inputs.size / 2) };
    };
    await fit({ ...options, loss });
    expect(recorder.records.at(-1)!.metrics.epochSize).toBeCloseTo((3 * 6 * 6 + 2 * 2) / 20, 6);
  });

  it('names a parameter that the loss does not use, and a term that is not a scalar', async () => {
    const options = regression({});
    const weightAlone: Options['loss'] = () => ({ loss: tf.sum(options.model.weight) });
    await expect(fit({ ...options, loss: weightAlone })).rejects.toThrow(
      'gradient: the loss does not depend on parameter "bias"',
    );
    const vector: Options['loss'] = (batch, context) => ({ ...options.loss(batch, context), error: batch.targets });
    await expect(fit({ ...options, loss: vector })).rejects.toThrow('loss term "error": expected a scalar');
  });

  it('leaks no tensors', async () => {
    const options = regression({ epochs: 1, maxGradientNorm: 1 });
    const before = tf.memory().numTensors;
    await fit(options);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('trains for a number of steps where requested', async () => {
    const recorder = new Recorder();
    const result = await fit(regression({ steps: 6, listeners: [recorder] }));
    expect(result).toMatchObject({ status: 'completed', steps: 6, epochs: 2 });
    expect(recorder.checkpoints.map(({ step }) => step)).toEqual([4, 6]);
  });

  it.each([3, 4, 10])('resumes exactly after a stop at step %i', async (stopAt) => {
    const whole = new Recorder();
    const uninterrupted = regression({ listeners: [whole] });
    await fit(uninterrupted);

    const controller = new AbortController();
    const recorder = new Recorder();
    let steps = 0;
    const first = regression({ listeners: [recorder], signal: controller.signal });
    const stopped = await fit({
      ...first,
      loss: (batch, context) => {
        if (++steps === stopAt) controller.abort();
        return first.loss(batch, context);
      },
    });
    expect(stopped).toMatchObject({ status: 'stopped', steps: stopAt });
    const second = regression({ listeners: [recorder], resume: recorder.checkpoints.at(-1)! });
    expect(await fit(second)).toMatchObject({ status: 'completed', steps: 20 });
    expect(weightsOf(second.model)).toEqual(weightsOf(uninterrupted.model));
    const epochs = (records: readonly MetricRecord[]) =>
      withoutTime(records.filter(({ metrics }) => 'epochLoss' in metrics));
    expect(epochs(recorder.records)).toEqual(epochs(whole.records));
  });

  it('stops at a non-finite loss, names step and term, and frees its tensors', async () => {
    const options = regression({ logEverySteps: 4 });
    let steps = 0;
    const failing = fit({
      ...options,
      loss: (batch, context) => {
        const { loss, error, penalty } = options.loss(batch, context);
        return { loss, error: error!, penalty: ++steps < 7 ? penalty! : tf.scalar(NaN) };
      },
    });
    await expect(failing).rejects.toThrow(NonFiniteLossError);
    await expect(failing).rejects.toThrow('step 7: expected a finite penalty, got NaN');
  });

  it('yields to pending events during training', async () => {
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort();
    });
    const result = await fit(
      regression({ epochs: 1_000_000, schedule: constantSchedule(1e-3), signal: controller.signal }),
    );
    expect(result.status).toBe('stopped');
  });

  it('compiles its step', async () => {
    let calls = 0;
    const compile: StepCompiler = (step) => (batch, stepInputs) => {
      calls++;
      return step(batch, stepInputs);
    };
    await fit(regression({ epochs: 1, compile }));
    expect(calls).toBe(4);
  });

  it('creates the graph of its step only for a listener that requests it', async () => {
    let made = 0;
    const compile: StepCompiler = (step) =>
      Object.assign(step.bind(undefined), { graphDef: () => Uint8Array.of(++made) });
    const graphs: Uint8Array[] = [];
    /** As in the TensorBoard log without graphs: the field exists and is undefined. */
    class Silent implements TrainingListener {
      readonly onGraph?: (graphDef: Uint8Array) => void;
    }
    const silent = new Silent();
    expect('onGraph' in silent).toBe(true);
    await fit(regression({ epochs: 1, compile, listeners: [silent] }));
    expect(made).toBe(0);
    await fit(regression({ epochs: 1, compile, listeners: [silent, { onGraph: (graph) => void graphs.push(graph) }] }));
    expect(graphs).toEqual([Uint8Array.of(1)]);
  });

  it('refuses a state that it did not save', async () => {
    expect(() => parseTrainingState({ step: -1 })).toThrow(
      /^training state: expected one of this version, found at step: /,
    );
    const { model, optimizer } = regression({});
    const [weights, slots] = [await encodeTensors(model.stateDict()), await encodeTensors(optimizer.stateDict())];
    const resume = { weights, optimizer: slots, state: 'none' };
    await expect(fit(regression({ resume }))).rejects.toThrow('training state: ');
  });
});
