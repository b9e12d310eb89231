import { NonFiniteLossError } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { ArrayBatches } from '../data/batches.ts';
import { Linear } from '../nn/linear.ts';
import { Module } from '../nn/module.ts';
import { chooseBackend } from '../node/backend.ts';
import { stepCompiler } from '../node/compile.ts';
import { Sgd } from '../optim/sgd.ts';
import { RandomStream } from '../random/random-stream.ts';
import { describeOn } from '../testing/native.ts';
import { fit, type FitOptions, type StepCompiler } from './fit.ts';
import { TensorLeakError } from './leak-guard.ts';
import { BACKENDS, regression, type Options, type RegressionBatch } from './testing.ts';
import { userLine } from './user-line.ts';

/** Layer whose activation is NaN for negative inputs. */
class Logarithm extends Module {
  forward(input: tf.Tensor): tf.Tensor {
    return tf.log(input);
  }
}

class Model extends Module {
  readonly layer = new Linear(1, 1, { random: RandomStream.fromSeed(1) });
  readonly logarithm = new Logarithm();

  constructor() {
    super();
    tf.tidy(() => {
      this.layer.loadStateDict({ weight: tf.tensor2d([[1]]), bias: tf.tensor1d([0]) });
    });
  }
}

type Values = Readonly<Record<'values', tf.Tensor>>;

/** Trains on one value per step, compiled where the backend supports it. */
async function train(
  values: readonly number[],
  loss: (model: Model, value: tf.Tensor) => tf.Tensor,
  learningRate = 0,
  emaDecay: number | null = null,
) {
  const model = new Model();
  const field = { values: Float32Array.from(values), shape: [1] };
  const compiler = tf.getBackend() === 'tensorflow' ? await compilerOfGrappler() : undefined;
  const optimizer = new Sgd(model.namedParameters());
  const options: FitOptions<Values> = {
    model,
    optimizer,
    schedule: () => learningRate,
    trainingBatches: new ArrayBatches({ values: field }, { batchSize: 1 }),
    loss: ({ values: value }) => ({ loss: tf.mean(loss(model, value)) }),
    epochs: 1,
    seed: 0,
    compile: compiler,
    emaDecay,
  };
  try {
    return await fit(options);
  } finally {
    model.dispose();
    optimizer.dispose();
  }
}

async function compilerOfGrappler(): Promise<StepCompiler> {
  const compiler = await stepCompiler(await chooseBackend('tensorflow'), { compile: true, precision: 'float32' });
  return (step, _, stepsPerCall) => compiler!(step, 'grappler', stepsPerCall);
}

const here = /guards\.test\.ts:\d+:\d+/.source;

describeOn(BACKENDS, 'a training on %s with non-finite values', (backend) => {
  beforeAll(() => chooseBackend(backend));

  it('names the first non-finite activation, its module and its line', async () => {
    const training = train([1, 2, 3, -4, 5], ({ layer, logarithm }, value) => logarithm.forward(layer.forward(value)));
    await expect(training).rejects.toThrow(NonFiniteLossError);
    await expect(training).rejects.toThrow(
      new RegExp(
        `^step 4: expected a finite loss, got NaN; the first NaN is in the activation of Log in "logarithm" at .*${here}$`,
      ),
    );
  });

  it('names the infinite value behind a NaN', async () => {
    const training = train([1, 2, 200], ({ layer }, value) => {
      const large = tf.exp(layer.forward(value));
      return tf.sub(large, tf.mul(large, 2));
    });
    await expect(training).rejects.toThrow(
      new RegExp(
        `^step 3: .*the first NaN is in the activation of Sub at .*${here}, from an infinite value that is in the activation of Exp at .*${here}$`,
      ),
    );
  });

  it('names a non-finite gradient of a finite loss', async () => {
    const training = train([1, 0, 3], ({ layer }, value) => tf.sqrt(tf.mul(layer.forward(value), value)), 0.1);
    await expect(training).rejects.toThrow(
      /^step 3: expected a finite loss, got NaN; the first tensor that went bad is the gradient of "layer\.(weight|bias)": 1 of 1 values$/,
    );
  });

  it('names a parameter that an update made non-finite', async () => {
    const training = train([1, 2, 3], ({ layer }, value) => layer.forward(value), Infinity);
    await expect(training).rejects.toThrow(/^step 2: .* is parameter "layer\.weight" after its update: 1 of 1 values$/);
  });

  it('names it with averaged weights too', async () => {
    const training = train([1, 2, 3], ({ layer }, value) => layer.forward(value), Infinity, 0.9);
    await expect(training).rejects.toThrow(/^step 2: .* is parameter "layer\.weight" after its update: 1 of 1 values$/);
  });

  it('names a non-finite batch field', async () => {
    const training = train([1, 2, NaN], ({ layer }, value) => layer.forward(value));
    await expect(training).rejects.toThrow(/^step 3: .* is the batch's "values": 1 of 1 values$/);
  });

  it('leaves the registered kernels unchanged', async () => {
    const before = tf.memory().numTensors;
    const failing = train([1, -1], ({ layer, logarithm }, value) => logarithm.forward(layer.forward(value)));
    await expect(failing).rejects.toThrow('the first NaN');
    expect(Object.hasOwn(tf.engine(), 'runKernel')).toBe(false);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a training with a non-finite validation', () => {
  it('names the update that caused it', async () => {
    await chooseBackend('cpu');
    const options = regression({
      epochs: 1,
      sanityBatches: 0,
      schedule: (step: number) => (step === 3 ? Infinity : 0),
    });
    const validate = async () => ({ loss: (await options.model.weight.data())[0]! });
    await expect(fit({ ...options, validate })).rejects.toThrow(
      /^validation after step 4: expected a finite loss, got -?(Infinity|NaN); the first tensor that went bad is parameter "weight" after its update/,
    );
  });
});

describeOn(BACKENDS, 'a training on %s that leaks tensors', (backend) => {
  beforeAll(() => chooseBackend(backend));
  const many = { epochs: 30, logEverySteps: 10 } as const;

  it('names the line that creates them', async () => {
    const options = regression(many);
    const loss: Options['loss'] = (batch, context) => {
      tf.keep(tf.add(batch.inputs, 1));
      return options.loss(batch, context);
    };
    const training = fit({ ...options, loss });
    await expect(training).rejects.toThrow(TensorLeakError);
    await expect(training).rejects.toThrow(
      new RegExp(
        `^memory: 1 more tensors stay after each step \\(\\d+ by step \\d+\\), most made at .*${here}: dispose`,
      ),
    );
    expect(Object.hasOwn(tf.engine(), 'trackTensor')).toBe(false);
  });

  it('names a line in data loading too', async () => {
    const options = regression(many);
    const source = options.trainingBatches;
    const trainingBatches = {
      batchesPerEpoch: source.batchesPerEpoch,
      async *batches(epoch: number, firstBatch?: number): AsyncGenerator<RegressionBatch> {
        for await (const batch of source.batches(epoch, firstBatch)) {
          tf.scalar(1);
          yield batch;
        }
      },
    };
    await expect(fit({ ...options, trainingBatches })).rejects.toThrow(new RegExp(`most made at .*${here}`));
  });

  it('accepts a tensor count that stops growing', async () => {
    const options = regression(many);
    let first: tf.Tensor[] = [];
    const loss: Options['loss'] = (batch, context) => {
      if (first.length < 50) first = [...first, tf.keep(tf.scalar(1))];
      return options.loss(batch, context);
    };
    expect(await fit({ ...options, loss })).toMatchObject({ status: 'completed', steps: 120 });
    tf.dispose(first);
  });
});

describe('userLine', () => {
  it("is the innermost line of the user's code", () => {
    const stack = [
      'Error',
      '    at Proxy.add__op (/a/node_modules/@tensorflow/tfjs-core/dist/ops/add.js:1:2)',
      '    at Linear.forward (/a/packages/core/src/nn/linear.ts:30:5)',
      '    at Training.run (/a/packages/run/src/loop/run-training.ts:168:37)',
      '    at file:///a/packages/vae/src/model.ts:12:7',
      '    at node:internal/process:1:1',
    ];
    expect(userLine(stack.join('\n'))).toBe('/a/packages/vae/src/model.ts:12:7');
    expect(userLine(stack.slice(0, 3).join('\n'))).toBe('/a/packages/core/src/nn/linear.ts:30:5');
    expect(userLine(undefined)).toBeUndefined();
  });
});
