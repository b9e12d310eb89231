import type { TensorInfo } from '@tensorflow/tfjs-core';
import { DataType } from '../c-api/types.ts';
import { integerAttribute, typeAttribute } from '../kernels/attributes.ts';
import { define } from '../kernels/kernel.ts';
import { NativeScope } from '../kernels/native.ts';

/** Attributes of `StatelessRandomNormal` and `StatelessRandomUniform`. */
export interface StatelessRandomAttributes {
  readonly shape: readonly number[];
  /** Key of the Philox generator, two int32 words. */
  readonly seed: readonly [number, number];
  /** Number of the draw for this key. Draws with different counters never overlap. */
  readonly counter: number;
}

interface StatelessRandomInputs {
  /** Number of the step, an int32 scalar; together with `counter` it numbers the draw. */
  readonly step?: TensorInfo;
}

/** `RNG_ALG_PHILOX` (tensorflow/core/framework/rng_alg.h). */
const PHILOX = 1;
/**
 * Bits of the counter's low word that number the blocks of a draw. The draw is above them; the step is the high word.
 */
const DRAW_SHIFT = 40n;

/** Registers random numbers drawn on the device by TensorFlow's counter-based generator: float32 of the given shape. */
export function registerRandomKernels(): void {
  for (const name of ['StatelessRandomNormal', 'StatelessRandomUniform']) {
    define<StatelessRandomInputs, StatelessRandomAttributes>(name, ({ inputs, attributes, backend }) => {
      const { shape, seed, counter } = attributes;
      return NativeScope.run(backend, (scope) => {
        const word = (value: bigint) => scope.constant([], DataType.uint64, [value]);
        const pack = (...words: number[]) => {
          const type = typeAttribute('T', DataType.uint64);
          return scope.execute(
            'Pack',
            [integerAttribute('N', words.length), type, integerAttribute('axis', 0)],
            words,
            1,
          );
        };
        const low = inputs.step === undefined ? 0n : BigInt(counter) << DRAW_SHIFT;
        const high =
          inputs.step === undefined
            ? word(BigInt(counter))
            : scope.cast(scope.handleOf(inputs.step), DataType.int32, DataType.uint64);
        const handles = [
          scope.constant([shape.length], DataType.int32, shape),
          ...pack(word((BigInt(seed[0] >>> 0) << 32n) | BigInt(seed[1] >>> 0))),
          ...pack(word(low), high),
          scope.constant([], DataType.int32, [PHILOX]),
        ];
        return scope.takeAll(scope.execute(`${name}V2`, [], handles, 1));
      });
    });
  }
}
