import { log, type MultinomialAttrs, type MultinomialInputs, tidy } from '@tensorflow/tfjs-core';
import { DataType } from '../c-api/types.ts';
import { typeAttribute } from './attributes.ts';
import { asTensor, override } from './kernel.ts';
import { NativeScope } from './native.ts';

/**
 * Registers tf.multinomial by TensorFlow's stateless operation, which draws the same numbers for the same seed, as tfjs
 * documents. Its Multinomial would continue where the last call with that seed stopped.
 */
export function registerRandomKernels(): void {
  override<MultinomialInputs, MultinomialAttrs>('Multinomial', ({ inputs: { logits }, attributes, backend }) => {
    const { numSamples, seed, normalized } = attributes;
    return tidy(() => {
      const unnormalized = normalized ? log(asTensor(logits)) : logits;
      return NativeScope.run(backend, (scope) => {
        const operationAttributes = [
          typeAttribute('T', DataType.float32),
          typeAttribute('Tseed', DataType.int32),
          typeAttribute('output_dtype', DataType.int32),
        ];
        // The seed is any number, often Math.random(), so all of its bits are used.
        const seedWords = new Int32Array(Float64Array.of(seed).buffer);
        const handles = [
          scope.handleOf(unnormalized),
          scope.constant([], DataType.int32, [numSamples]),
          scope.constant([2], DataType.int32, seedWords),
        ];
        return scope.take(scope.execute('StatelessMultinomial', operationAttributes, handles, 1)[0]!);
      });
    });
  });
}
