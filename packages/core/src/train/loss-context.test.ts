import { nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { chooseBackend } from '../node/backend.ts';
import { stepCompiler } from '../node/compile.ts';
import { fit, type LossContext, type StepCompiler } from './fit.ts';
import { tensorSchedule } from './tensor-schedule.ts';
import { BACKENDS, Recorder, regression, weightsOf, type Options } from './testing.ts';

const { describeNative, describeOn, hasNative } = await nativeGate(() => chooseBackend('tensorflow'));

async function compilerOf(engine: 'grappler' | 'xla'): Promise<StepCompiler> {
  const compiler = await stepCompiler(await chooseBackend('tensorflow'), { compile: true, precision: 'float32' });
  return (step, _, stepsPerCall) => compiler!(step, engine, stepsPerCall);
}

/** A regression whose weight penalty falls to 0 over 5 steps, with the step among its terms. */
function scheduled(changed: Partial<Options>) {
  const options = regression({ logEverySteps: 1, epochs: 2, ...changed });
  const weightOf = tensorSchedule((step) => 1 - step / 5, 5);
  const loss: Options['loss'] = (batch, context) => {
    const terms = options.loss(batch, context);
    const penalty = tf.mul(tf.sum(tf.square(options.model.weight)), weightOf(context.step));
    return { ...terms, loss: tf.add(terms.loss, penalty), step: tf.cast(context.step, 'float32') };
  };
  return { ...options, loss };
}

describeOn(BACKENDS, 'the loss context on %s', (backend) => {
  beforeAll(() => chooseBackend(backend));

  /** Steps and noise that the uncompiled loss receives, per batch: 4 batches per epoch. */
  const seenBy = async (changed: Partial<Options>) => {
    const options = regression({ epochs: 2, ...changed });
    const seen = { steps: [] as number[], noise: [] as number[] };
    const loss = (batch: Parameters<Options['loss']>[0], context: LossContext) => {
      expect(context.step).toMatchObject({ dtype: 'int32', shape: [] });
      seen.steps.push(context.step.dataSync()[0]!);
      seen.noise.push(tf.tidy(() => context.random.normal([1]).dataSync()[0]!));
      return options.loss(batch, context);
    };
    await fit({ ...options, loss });
    return seen;
  };

  it('has the number of previous optimizer steps, and new noise for each batch', async () => {
    const plain = await seenBy({});
    expect(plain.steps).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(new Set(plain.noise).size).toBe(8);
    const accumulated = await seenBy({ accumulationSteps: 2 });
    expect(accumulated.steps).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    expect(accumulated.noise).toEqual(plain.noise);
    // Epochs of 4 batches: the second update of each epoch has one batch.
    expect((await seenBy({ accumulationSteps: 3 })).steps).toEqual([0, 0, 0, 1, 2, 2, 2, 3]);
  });

  it('continues counting steps in a resumed training', async () => {
    const recorder = new Recorder();
    const whole = scheduled({ checkpointEverySteps: 3, listeners: [recorder] });
    await fit(whole);
    const resume = recorder.checkpoints.find(({ step }) => step === 3)!;
    expect((await seenBy({ resume })).steps).toEqual([3, 4, 5, 6, 7]);
    const resumed = scheduled({ resume });
    await fit(resumed);
    expect(weightsOf(resumed.model)).toEqual(weightsOf(whole.model));
  });

  it.each([1, 2])('has the same step when updates repeat after a NaN, with %i per call', async (stepsPerCall) => {
    const compile = backend === 'tensorflow' ? await compilerOf('grappler') : undefined;
    const options = regression({ compile, stepsPerCall, epochs: 2, checkpointEverySteps: 2 });
    const loss: Options['loss'] = (batch, context) => {
      const terms = options.loss(batch, context);
      const factor = tf.log(tf.sub(5, tf.cast(context.step, 'float32'))); // -∞ in the sixth update
      return { ...terms, loss: tf.mul(terms.loss, factor) };
    };
    await expect(fit({ ...options, loss })).rejects.toThrow(
      /^step 6: expected a finite loss, got -Infinity; the first infinite value is in the activation of Log/,
    );
  });

  it('leaks no tensors with a schedule', async () => {
    const options = scheduled({});
    const before = tf.memory().numTensors;
    await fit(options);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describeNative('the step of a compiled training', () => {
  const train = async (changed: Partial<Options>) => {
    const recorder = new Recorder();
    const options = scheduled({ compile: await compilerOf('grappler'), listeners: [recorder], ...changed });
    await fit(options);
    const logged = recorder.records.flatMap(({ metrics }) => metrics.step ?? []);
    return { logged, weights: weightsOf(options.model) };
  };

  it('increases within a call of several steps', async () => {
    const single = await train({});
    expect(single.logged).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const several = await train({ stepsPerCall: 4, logEverySteps: 4 });
    // Means over the examples: three batches of 6 and one of 2.
    expect(several.logged.map((mean) => mean * 20)).toEqual([24, 104]);
    expect(several.weights).toEqual(single.weights);
  });

  it('counts updates instead of batches with accumulation', async () => {
    expect((await train({ accumulationSteps: 3 })).logged).toEqual([0, 1, 2, 3]);
  });
});

describe('tensorSchedule', () => {
  const schedule = (step: number): number => 0.3 * Math.min(1, step / 37.5);
  const steps = Array.from({ length: 45 }, (_, step) => step);
  const valuesBy = (at: (step: tf.Tensor) => tf.Tensor): number[] =>
    steps.map((step) => tf.tidy(() => at(tf.scalar(step, 'int32')).dataSync()[0]!));

  it.each(hasNative ? BACKENDS : (['cpu'] as const))('returns the nearest float32 on %s', async (backend) => {
    await chooseBackend(backend);
    expect(valuesBy(tensorSchedule(schedule, 38))).toEqual(steps.map((step) => Math.fround(schedule(step))));
  });

  it.skipIf(!hasNative).each(['grappler', 'xla'] as const)('gives the same bits compiled by %s', async (engine) => {
    const compiler = await compilerOf(engine);
    const at = tensorSchedule(schedule, 38);
    const compiled = compiler((_: Record<string, tf.Tensor>, { step }) => ({ value: at(step) }), undefined);
    expect(valuesBy((step) => compiled({}, { step }).value!)).toEqual(steps.map((step) => Math.fround(schedule(step))));
    compiled.dispose?.();
  });
});
