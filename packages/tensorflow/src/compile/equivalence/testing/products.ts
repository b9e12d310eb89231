import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { type Case, type Cases, differentiable, reals, shapes, sizes, valuesOnly } from './cases.ts';

const flags = fc.tuple(fc.boolean(), fc.boolean());
const threeSizes = fc.tuple(sizes(1, 5), sizes(1, 5), sizes(1, 5));
const activation = fc.constantFrom(
  'linear' as const,
  'relu' as const,
  'elu' as const,
  'relu6' as const,
  'sigmoid' as const,
);

/** Equations of einsum and the subscripts of their operands. */
const EQUATIONS: readonly (readonly [string, string, string])[] = [
  ['ij,jk->ik', 'ij', 'jk'],
  ['ij,kj->ik', 'ij', 'kj'],
  ['bij,bjk->bik', 'bij', 'bjk'],
  ['bnid,bnjd->bnij', 'bnid', 'bnjd'],
  ['ij,ij->', 'ij', 'ij'],
  ['i,j->ij', 'i', 'j'],
  ['bij,j->bi', 'bij', 'j'],
];

const fusedMatMul: fc.Arbitrary<Case> = fc
  .tuple(threeSizes, flags, activation)
  .map(([[m, k, n], [transposeA, transposeB], name]) =>
    differentiable(
      [reals(transposeA ? [k, m] : [m, k]), reals(transposeB ? [n, k] : [k, n]), reals([n])],
      (a, b, bias) => tf.fused.matMul({ a: a, b: b, bias, transposeA, transposeB, activation: name }),
    ),
  );

/** Products of matrices, and normalizations. */
export const products: Cases = {
  batchNorm: fc.tuple(shapes(2, 3), sizes(1, 4)).map(([shape, channels]) => {
    const parameters = [reals([channels]), reals([channels], 0.2, 2), reals([channels]), reals([channels])] as const;
    return differentiable([reals([...shape, channels]), ...parameters], (x, mean, variance, offset, scale) =>
      tf.batchNorm(x, mean as tf.Tensor1D, variance as tf.Tensor1D, offset as tf.Tensor1D, scale as tf.Tensor1D, 1e-3),
    );
  }),
  dot: sizes(1, 6).map((size) => differentiable([reals([size]), reals([size])], tf.dot)),
  einsum: fc
    .tuple(fc.constantFrom(...EQUATIONS), fc.array(sizes(1, 4), { minLength: 6, maxLength: 6 }))
    .map(([[equation, a, b], lengths]) => {
      const shape = (letters: string) => Array.from(letters).map((letter) => lengths['bnijkd'.indexOf(letter)]!);
      return valuesOnly([reals(shape(a)), reals(shape(b))], (x, y) => tf.einsum(equation, x, y));
    }),
  'fused.matMul': fusedMatMul,
  localResponseNormalization: fc
    .tuple(sizes(1, 3), sizes(1, 6), sizes(0, 3))
    .map(([size, channels, radius]) =>
      differentiable([reals([2, size, size, channels])], (x) =>
        tf.localResponseNormalization(x as tf.Tensor4D, radius, 1, 0.5, 0.5),
      ),
    ),
  matMul: fc
    .tuple(threeSizes, flags, shapes(0, 2))
    .map(([[m, k, n], [transposeA, transposeB], batch]) =>
      differentiable(
        [reals([...batch, ...(transposeA ? [k, m] : [m, k])]), reals([...batch, ...(transposeB ? [n, k] : [k, n])])],
        (a, b) => tf.matMul(a, b, transposeA, transposeB),
      ),
    ),
  'matMul that broadcasts': fc
    .tuple(threeSizes, sizes(1, 3), fc.boolean())
    .map(([[m, k, n], batch, first]) =>
      valuesOnly([reals([first ? batch : 1, m, k]), reals([first ? 1 : batch, k, n])], (a, b) => tf.matMul(a, b)),
    ),
  outerProduct: fc
    .tuple(sizes(1, 4), sizes(1, 4))
    .map(([m, n]) =>
      differentiable([reals([m]), reals([n])], (a, b) => tf.outerProduct(a as tf.Tensor1D, b as tf.Tensor1D)),
    ),
};
