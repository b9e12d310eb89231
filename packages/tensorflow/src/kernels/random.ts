import { log, type MultinomialAttrs, type MultinomialInputs, tidy } from '@tensorflow/tfjs-core';
import { Constant, integer } from '../backend/constant.ts';
import { DataType } from '../c-api/types.ts';
import { asTensor, define } from './kernel.ts';
import { execute } from './operation.ts';

/**
 * Registers tf.multinomial by TensorFlow's stateless operation, which draws the same numbers for the same seed, as tfjs
 * documents. Its Multinomial would continue where the last call with that seed stopped.
 */
export function registerRandomKernels(): void {
  define<MultinomialInputs, MultinomialAttrs>('Multinomial', ({ inputs: { logits }, attributes, backend }) => {
    const { numSamples, seed, normalized } = attributes;
    // The seed is any number, often Math.random(), so all of its bits are used.
    const seedWords = new Constant([2], DataType.int32, new Int32Array(Float64Array.of(seed).buffer));
    return tidy(() => {
      const unnormalized = normalized ? log(asTensor(logits)) : logits;
      const inputs = [unnormalized, integer(numSamples), seedWords];
      const types = { T: 'float32', Tseed: 'int32', output_dtype: 'int32' } as const;
      return execute('StatelessMultinomial', { inputs, types }, backend);
    });
  });
}
