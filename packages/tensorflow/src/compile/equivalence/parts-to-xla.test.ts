import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { TensorFlowBackend } from '../../backend/backend.ts';
import { register } from '../../register.ts';
import { describeNative } from '../../testing.ts';
import { compile } from '../compile.ts';
import { fill, reals, uniform } from './testing/cases.ts';
import { expectClose } from './testing/check.ts';

const SGD = { momentum: 0.9, nesterov: false, weightDecay: 0.01 };

/** A step with products, chains between them that are large enough for XLA, and an update in place. */
function makeStep() {
  const random = uniform(4);
  const weights = tf.variable(tf.mul(fill(reals([512, 512]), random), 0.05));
  const momentumBuffer = tf.variable(tf.zeros([512, 512]));
  const loss = (x: tf.Tensor) => {
    const hidden = tf.matMul(x, weights);
    const centered = tf.sub(hidden, tf.mean(hidden, -1, true));
    const normalized = tf.mul(centered, tf.rsqrt(tf.add(tf.mean(tf.square(centered), -1, true), 1e-5)));
    const gated = tf.mul(normalized, tf.mul(tf.add(tf.erf(tf.mul(normalized, Math.SQRT1_2)), 1), 0.5));
    return tf.mean(tf.square(tf.sub(tf.matMul(gated, weights), x))).asScalar();
  };
  const step = (x: tf.Tensor) => {
    const { value, grads } = tf.variableGrads(() => loss(x), [weights]);
    const gradient = grads[weights.name]!;
    tf.engine().runKernel(
      'SgdUpdate',
      { parameter: weights, momentumBuffer, gradient, learningRate: tf.scalar(0.1) },
      SGD,
    );
    return value;
  };
  return { step, weights, momentumBuffer };
}

describeNative('a step with parts compiled by XLA', () => {
  let backend: TensorFlowBackend;

  beforeAll(async () => {
    ({ backend } = await register());
  });

  it.each(['grappler', 'xla'] as const)('follows the eager step, and leaks nothing (%s)', (engine) => {
    const before = backend.nativeTensors;
    tf.tidy(() => {
      const [eager, parts] = [makeStep(), makeStep()];
      const fast = compile(parts.step, { engine, partsToXla: true });
      const random = uniform(9);
      const batches = Array.from({ length: 3 }, () => fill(reals([1024, 512]), random));
      for (const batch of batches) expectClose(fast(batch), eager.step(batch));
      expectClose(parts.weights, eager.weights, 1e-4);
      const text = fast.dump('rewritten', batches[0]!);
      expect(text.match(/PartitionedCall\(/g)!.length).toBeGreaterThanOrEqual(2);
      expect(compile(parts.step).dump('rewritten', batches[0]!)).not.toContain('PartitionedCall');
      fast.dispose();
      for (const { weights, momentumBuffer } of [eager, parts]) tf.dispose([weights, momentumBuffer]);
    });
    expect(backend.nativeTensors).toBe(before);
  });
});
