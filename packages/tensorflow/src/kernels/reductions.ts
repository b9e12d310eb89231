import {
  type AllAttrs,
  type ArgMaxAttrs,
  type ArgMaxInputs,
  type BincountAttrs,
  type BincountInputs,
  cast,
  type CumsumAttrs,
  type CumsumInputs,
  type SoftmaxInputs,
  type TensorInfo,
  tidy,
  type TopKAttrs,
  type TopKInputs,
  type UnsortedSegmentSumAttrs,
  type UnsortedSegmentSumInputs,
  util,
} from '@tensorflow/tfjs-core';
import { integer, integers } from '../backend/constant.ts';
import { asTensor, define } from './kernel.ts';
import { execute, executeAll, operation, type Operation } from './operation.ts';

interface Unary {
  readonly x: TensorInfo;
}

/** Attributes of a reduction. tfjs names the axes of its maximum otherwise. */
interface Axes extends AllAttrs {
  readonly reductionIndices?: number | number[];
}

/** Registers kernels that gather many elements into one: over axes, along an axis, by segments. */
export function registerReductionKernels(): void {
  for (const name of ['Sum', 'Prod', 'Max', 'Min'])
    operation<Unary, Axes>(name, ({ x }, attributes) => ({
      ...overAxes(x, attributes),
      types: { T: x, Tidx: 'int32' },
    }));
  for (const name of ['All', 'Any'])
    operation<Unary, Axes>(name, ({ x }, attributes) => ({ ...overAxes(x, attributes), types: { Tidx: 'int32' } }));
  define<Unary, Axes>('Mean', ({ inputs: { x }, attributes, backend }) => {
    const mean = (real: TensorInfo) =>
      execute('Mean', { ...overAxes(real, attributes), types: { T: real, Tidx: 'int32' } }, backend);
    return x.dtype === 'float32' ? mean(x) : tidy(() => mean(cast(asTensor(x), 'float32')));
  });
  for (const name of ['ArgMax', 'ArgMin'])
    define<ArgMaxInputs, ArgMaxAttrs>(name, ({ inputs: { x }, attributes: { axis }, backend }) => {
      const search = (numbers: TensorInfo) => {
        const types = { T: numbers, Tidx: 'int32', output_type: 'int32' } as const;
        return execute(name, { inputs: [numbers, integer(axis)], types }, backend);
      };
      return x.dtype === 'bool' ? tidy(() => search(cast(asTensor(x), 'int32'))) : search(x);
    });
  for (const name of ['Cumsum', 'Cumprod'])
    operation<CumsumInputs, CumsumAttrs>(name, ({ x }, { axis, exclusive, reverse }) => ({
      inputs: [x, integer(axis)],
      types: { T: x, Tidx: 'int32' },
      attributes: { exclusive, reverse },
    }));
  operation<SoftmaxInputs>('Softmax', ({ logits }) => ({ inputs: [logits], types: { T: logits } }));
  operation<BincountInputs, BincountAttrs>('Bincount', ({ x, weights }, { size }) => ({
    inputs: [x, integer(size), weights],
    types: { T: weights },
  }));
  operation<UnsortedSegmentSumInputs, UnsortedSegmentSumAttrs>(
    'UnsortedSegmentSum',
    ({ x, segmentIds }, { numSegments }) => ({
      inputs: [x, segmentIds, integer(numSegments)],
      types: { T: x, Tindices: 'int32', Tnumsegments: 'int32' },
    }),
  );
  define<TopKInputs, TopKAttrs>('TopK', ({ inputs: { x }, attributes: { k, sorted }, backend }) =>
    executeAll('TopKV2', { inputs: [x, integer(k)], types: { T: x }, attributes: { sorted } }, 2, backend),
  );
}

function overAxes(x: TensorInfo, { axis, reductionIndices, keepDims }: Axes): Operation {
  const axes = util.parseAxisParam(reductionIndices ?? axis, x.shape);
  return { inputs: [x, integers(axes)], attributes: { keep_dims: keepDims } };
}
