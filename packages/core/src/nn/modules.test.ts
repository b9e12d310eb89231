import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { AdamW } from '../optim/adam.ts';
import { RandomStream } from '../random/random-stream.ts';
import { describeNative, describeOn } from '../testing/native.ts';
import { valueAndGradients } from '../train/value-and-gradients.ts';
import { gelu } from './activations.ts';
import { scaledDotProductAttention } from './attention.ts';
import { DepthwiseConv2d } from './convolution.ts';
import { Dropout } from './dropout.ts';
import { Embedding, embedding } from './embedding.ts';
import { Linear } from './linear.ts';
import { softmaxCrossEntropy } from './losses.ts';
import { Module } from './module.ts';
import { groupNorm } from './normalization/channel-normalization.ts';
import { BatchNorm2d, GroupNorm, LayerNorm, StandardizedConv2d } from './normalization/modules.ts';
import { layerNorm } from './normalization/row-normalization.ts';
import { BACKENDS, expectClose, startBackend } from './testing.ts';

const numbers = (...values: number[]) => ({ shape: [values.length], values });

/** Model with one layer of each kind. Its input is a 4 × 4 image of word indices. */
class Everything extends Module {
  readonly embedding: Embedding;
  readonly convolution: StandardizedConv2d;
  readonly batch = new BatchNorm2d(4);
  readonly depthwise: DepthwiseConv2d;
  readonly group = new GroupNorm(2, 4);
  readonly layer = new LayerNorm(4);
  readonly head: Linear;

  constructor(random: RandomStream) {
    super();
    this.embedding = new Embedding(5, 2, { random });
    this.convolution = new StandardizedConv2d(2, 4, { random, kernelSize: 3, padding: 1, bias: false });
    this.depthwise = new DepthwiseConv2d(4, { random, kernelSize: 3, padding: 1 });
    this.head = new Linear(4, 5, { random });
  }

  /** Words int32 [B, 4, 4] → logits [B, 16, 5]. */
  forward(words: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const mixed = this.batch.forward(this.convolution.forward(this.embedding.forward(words)));
      const spatial = this.group.forward(tf.add(mixed, this.depthwise.forward(gelu(mixed))));
      const sequence = this.layer.forward(tf.reshape(spatial, [-1, 16, 4]));
      const attended = scaledDotProductAttention(sequence, sequence, sequence, { causal: true });
      return tf.reshape(this.head.forward(tf.reshape(tf.add(sequence, attended), [-1, 4])), [-1, 16, 5]);
    });
  }
}

/** A model, its data, and its training step. */
function training() {
  const random = RandomStream.fromSeed(5);
  const model = new Everything(random);
  const optimizer = new AdamW(model.namedParameters());
  const words = tf.tensor(random.integers(32, 0, 5), [2, 4, 4], 'int32');
  const step = (given: tf.Tensor): tf.Tensor => {
    const loss = () => ({ loss: softmaxCrossEntropy(model.forward(given), tf.reshape(given, [-1, 16])) });
    const { terms, gradients } = valueAndGradients(loss, model.namedParameters());
    optimizer.step(gradients, tf.scalar(0.02));
    return terms.loss;
  };
  return { model, optimizer, words, step };
}

describeOn(BACKENDS, 'modules on %s', (backend) => {
  beforeAll(() => startBackend(backend));

  it('batch normalization updates its running statistics in training mode and uses them in evaluation mode', () => {
    const layer = new BatchNorm2d(2);
    const input = tf.tensor([1, 10, 2, 20, 3, 30, 6, 40], [2, 2, 1, 2]);
    const before = tf.memory().numTensors;
    tf.dispose([layer.forward(input), layer.forward(input)]);
    expect(tf.memory().numTensors).toBe(before);
    // Batch: means 3 and 25, unbiased variances 14/3 and 500/3. Weights: 1 - 0.9² = 0.19 for it, 0.81 for the start.
    expectClose(layer.running_mean, numbers(0.57, 4.75));
    expectClose(layer.running_var, numbers(0.81 + (0.19 * 14) / 3, 0.81 + (0.19 * 500) / 3));
    expect([...layer.num_batches_tracked.dataSync()]).toEqual([2]);
    layer.eval();
    const [first] = tf.tidy(() => layer.forward(input).dataSync());
    expect(first).toBeCloseTo((1 - 0.57) / Math.sqrt(0.81 + (0.19 * 14) / 3 + 1e-5), 4);
    expect([...layer.num_batches_tracked.dataSync()]).toEqual([2]);
    expect([...layer.namedParameters().keys()]).toEqual(['weight', 'bias']);
    expect([...layer.namedBuffers().keys()]).toEqual(['running_mean', 'running_var', 'num_batches_tracked']);
    layer.dispose();
    input.dispose();
  });

  it('dropout drops at its rate and keeps the mean, reproducibly by seed; in evaluation mode it is the identity', () => {
    const layer = new Dropout(0.25);
    tf.tidy(() => {
      const input = tf.ones([100, 100]);
      const drop = (seed: number) => [...layer.forward(input, RandomStream.fromSeed(seed)).dataSync()];
      const [values, same, other] = [drop(1), drop(1), drop(2)];
      expect(values).toEqual(same);
      expect(values).not.toEqual(other);
      expect(new Set(values)).toEqual(new Set([0, Math.fround(4 / 3)]));
      const dropped = values.filter((value) => value === 0).length / values.length;
      expect(Math.abs(dropped - 0.25)).toBeLessThan(0.02); // 4.6 standard deviations
      layer.eval();
      expect(new Set(drop(1))).toEqual(new Set([1]));
    });
  });

  it('all layers train together and leak no tensors', () => {
    const { model, optimizer, words, step } = training();
    const lossOf = () => tf.tidy(() => step(words).dataSync()[0]!);
    const first = lossOf();
    const before = tf.memory().numTensors;
    let last = first;
    for (let index = 0; index < 15; index++) last = lossOf();
    expect(last).toBeLessThan(0.8 * first);
    expect(tf.memory().numTensors).toBe(before);
    model.dispose();
    optimizer.dispose();
    words.dispose();
  });

  it('invalid arguments are refused, with the expected values named', () => {
    tf.tidy(() => {
      const [floats, ints] = [tf.zeros([2, 3]), tf.zeros([2], 'int32')];
      const four = tf.zeros([4]);
      const attend = (mask: tf.Tensor) => scaledDotProductAttention(floats, floats, floats, { mask });
      expect(() => scaledDotProductAttention(floats, tf.zeros([2, 4]), floats)).toThrow(
        /expected query \[\.\.\., T, D\].*\[2, 4\]/,
      );
      expect(() => attend(tf.zeros([2, 2]))).toThrow(/expected a bool mask, got float32/);
      expect(() => attend(tf.zeros([3, 2], 'bool'))).toThrow(/mask that broadcasts to \[2, 2\], got \[3, 2\]/);
      expect(() => softmaxCrossEntropy(floats, four)).toThrow(/expected int32 labels, got float32/);
      expect(() => softmaxCrossEntropy(floats, tf.zeros([3], 'int32'))).toThrow(/got \[2, 3\] and \[3\]/);
      expect(() => softmaxCrossEntropy(floats, ints, { labelSmoothing: 2 })).toThrow(
        /labelSmoothing in \[0, 1\], got 2/,
      );
      expect(() => embedding(four, floats)).toThrow(/expected int32 indices, got float32/);
      expect(() => embedding(ints, four)).toThrow(/expected a table \[V, D\], got \[4\]/);
      expect(() => layerNorm(floats, four, four)).toThrow(/expected scale \[3\] for an input \[2, 3\], got \[4\]/);
      expect(() => groupNorm(floats, 2, { scale: four, shift: four })).toThrow(
        /groups that divide the 3 channels.*got 2/,
      );
      const batch = new BatchNorm2d(3);
      expect(() => batch.forward(tf.zeros([1, 1, 1, 3]))).toThrow(/2 values per channel or more.*got \[1, 1, 1, 3\]/);
      batch.dispose();
      expect(() => new Dropout(1)).toThrow(/rate in \[0, 1\), got 1/);
    });
  });
});

describeNative('modules compiled', () => {
  beforeAll(() => startBackend('tensorflow'));

  it.each(['grappler', 'xla'] as const)('train as in eager mode, including running statistics (%s)', async (engine) => {
    const { compile } = await import('@motley/tensorflow');
    const [eager, compiled] = [training(), training()];
    const fast = compile(compiled.step, { engine });
    for (let index = 0; index < 3; index++)
      tf.tidy(() => {
        expectClose(fast(compiled.words), eager.step(eager.words));
      });
    for (const [name, variable] of eager.model.namedBuffers())
      expectClose(compiled.model.namedBuffers().get(name)!, variable);
    fast.dispose();
    for (const { model, optimizer, words } of [eager, compiled]) {
      model.dispose();
      optimizer.dispose();
      words.dispose();
    }
  });
});
