import {
  backend_util,
  type BatchToSpaceNDAttrs,
  type BatchToSpaceNDInputs,
  type BroadcastArgsInputs,
  cast,
  type ConcatAttrs,
  type DepthToSpaceAttrs,
  type DepthToSpaceInputs,
  type DiagInputs,
  type ExpandDimsAttrs,
  type ExpandDimsInputs,
  type GatherNdInputs,
  type MirrorPadAttrs,
  type MirrorPadInputs,
  type PackAttrs,
  type PadV2Attrs,
  type PadV2Inputs,
  type ReshapeAttrs,
  type ReshapeInputs,
  type ReverseAttrs,
  type ReverseInputs,
  type SliceAttrs,
  type SliceInputs,
  slice_util,
  type SpaceToBatchNDAttrs,
  type SpaceToBatchNDInputs,
  type SparseToDenseAttrs,
  type SparseToDenseInputs,
  type SplitVAttrs,
  type SplitVInputs,
  type StridedSliceAttrs,
  type StridedSliceInputs,
  type TensorInfo,
  tidy,
  type TileAttrs,
  type TileInputs,
  type TransposeAttrs,
  type TransposeInputs,
  type UnpackAttrs,
  type UnpackInputs,
  util,
} from '@tensorflow/tfjs-core';
import { integer, integerRows, integers, scalarOf } from '../backend/constant.ts';
import { asTensor, define } from './kernel.ts';
import { execute, executeAll, operation } from './operation.ts';

/** Registers kernels that arrange elements anew, and compute nothing with them. */
export function registerArrangementKernels(): void {
  registerReshapingKernels();
  registerSlicingKernels();
  registerJoiningKernels();
  registerBlockKernels();
  operation<BroadcastArgsInputs>('BroadcastArgs', ({ s0, s1 }) => ({ inputs: [s0, s1], types: { T: s0 } }));
  operation<GatherNdInputs>('GatherNd', ({ params, indices }) => ({
    inputs: [params, indices],
    types: { Tparams: params, Tindices: 'int32' },
  }));
  operation<SparseToDenseInputs, SparseToDenseAttrs>(
    'SparseToDense',
    ({ sparseIndices, sparseValues, defaultValue }, { outputShape }) => ({
      inputs: [sparseIndices, integers(outputShape), sparseValues, defaultValue],
      types: { T: sparseValues, Tindices: sparseIndices },
      attributes: { validate_indices: true },
    }),
  );
  define<DiagInputs>('Diag', ({ inputs: { x }, backend }) => {
    const diagonal = (values: TensorInfo) => execute('Diag', { inputs: [values], types: { T: values } }, backend);
    // TensorFlow has no diagonals of booleans.
    return x.dtype === 'bool' ? tidy(() => cast(diagonal(cast(asTensor(x), 'int32')), 'bool')) : diagonal(x);
  });
}

function registerReshapingKernels(): void {
  operation<ReshapeInputs, ReshapeAttrs>('Reshape', ({ x }, { shape }) => ({
    inputs: [x, integers(shape)],
    types: { T: x, Tshape: 'int32' },
  }));
  operation<ExpandDimsInputs, ExpandDimsAttrs>('ExpandDims', ({ input }, { dim }) => ({
    inputs: [input, integer(dim)],
    types: { T: input, Tdim: 'int32' },
  }));
  operation<TransposeInputs, TransposeAttrs>('Transpose', ({ x }, { perm }) => ({
    inputs: [x, integers(perm)],
    types: { T: x, Tperm: 'int32' },
  }));
  operation<TileInputs, TileAttrs>('Tile', ({ x }, { reps }) => ({
    inputs: [x, integers(reps)],
    types: { T: x, Tmultiples: 'int32' },
  }));
  operation<ReverseInputs, ReverseAttrs>('Reverse', ({ x }, { dims }) => ({
    name: 'ReverseV2',
    inputs: [x, integers(util.parseAxisParam(dims, x.shape))],
    types: { Tidx: 'int32', T: x },
  }));
  operation<{ image: TensorInfo }>('FlipLeftRight', ({ image }) => ({
    name: 'ReverseV2',
    inputs: [image, integers([2])],
    types: { Tidx: 'int32', T: image },
  }));
  operation<PadV2Inputs, PadV2Attrs>('PadV2', ({ x }, { paddings, constantValue }) => ({
    inputs: [x, integerRows(paddings, 2), scalarOf(constantValue, x.dtype)],
    types: { T: x, Tpaddings: 'int32' },
  }));
  operation<MirrorPadInputs, MirrorPadAttrs>('MirrorPad', ({ x }, { paddings, mode }) => ({
    inputs: [x, integerRows(paddings, 2)],
    types: { T: x, Tpaddings: 'int32' },
    attributes: { mode: mode.toUpperCase() },
  }));
}

function registerSlicingKernels(): void {
  operation<SliceInputs, SliceAttrs>('Slice', ({ x }, { begin, size }) => {
    const [start, sizes] = slice_util.parseSliceParams(x, begin, size);
    return { inputs: [x, integers(start!), integers(sizes!)], types: { T: x, Index: 'int32' } };
  });
  operation<StridedSliceInputs, StridedSliceAttrs>('StridedSlice', ({ x }, attributes) => ({
    inputs: [x, integers(attributes.begin), integers(attributes.end), integers(attributes.strides)],
    types: { T: x, Index: 'int32' },
    attributes: {
      begin_mask: attributes.beginMask,
      end_mask: attributes.endMask,
      ellipsis_mask: attributes.ellipsisMask,
      new_axis_mask: attributes.newAxisMask,
      shrink_axis_mask: attributes.shrinkAxisMask,
    },
  }));
  define<SplitVInputs, SplitVAttrs>('SplitV', ({ inputs: { x }, attributes, backend }) => {
    const [axis] = util.parseAxisParam(attributes.axis, x.shape);
    const sizes = backend_util.prepareSplitSize(asTensor(x), attributes.numOrSizeSplits, axis);
    const split = {
      inputs: [x, integers(sizes), integer(axis!)],
      types: { T: x, Tlen: 'int32' },
      attributes: { num_split: sizes.length },
    } as const;
    return executeAll('SplitV', split, sizes.length, backend);
  });
  define<UnpackInputs, UnpackAttrs>('Unpack', ({ inputs: { value }, attributes, backend }) => {
    const axis = attributes.axis < 0 ? attributes.axis + value.shape.length : attributes.axis;
    const num = value.shape[axis];
    if (num === undefined) throw new RangeError(`no axis ${attributes.axis} in a tensor [${value.shape}]`);
    return executeAll('Unpack', { inputs: [value], types: { T: value }, attributes: { num, axis } }, num, backend);
  });
}

/** Kernels of a list of tensors, of which tfjs makes a record by number. */
function registerJoiningKernels(): void {
  operation<TensorInfo[], ConcatAttrs>('Concat', (tensors, { axis }) => ({
    name: 'ConcatV2',
    inputs: [...listOf(tensors), integer(axis)],
    types: { T: tensors[0]!, Tidx: 'int32' },
    attributes: { N: listOf(tensors).length },
  }));
  operation<TensorInfo[], PackAttrs>('Pack', (tensors, { axis }) => ({
    inputs: listOf(tensors),
    types: { T: tensors[0]! },
    attributes: { N: listOf(tensors).length, axis },
  }));
  operation<TensorInfo[]>('AddN', (tensors) => ({
    inputs: listOf(tensors),
    types: { T: tensors[0]! },
    attributes: { N: listOf(tensors).length },
  }));
}

function registerBlockKernels(): void {
  operation<BatchToSpaceNDInputs, BatchToSpaceNDAttrs>('BatchToSpaceND', ({ x }, { blockShape, crops }) => ({
    inputs: [x, integers(blockShape), integerRows(crops)],
    types: { T: x, Tblock_shape: 'int32', Tcrops: 'int32' },
  }));
  operation<SpaceToBatchNDInputs, SpaceToBatchNDAttrs>('SpaceToBatchND', ({ x }, { blockShape, paddings }) => ({
    inputs: [x, integers(blockShape), integerRows(paddings)],
    types: { T: x, Tblock_shape: 'int32', Tpaddings: 'int32' },
  }));
  operation<DepthToSpaceInputs, DepthToSpaceAttrs>('DepthToSpace', ({ x }, { blockSize, dataFormat }) => ({
    inputs: [x],
    types: { T: x },
    attributes: { block_size: blockSize, data_format: dataFormat },
  }));
}

/** The tensors of a kernel that takes a list. */
export function listOf(tensors: Readonly<Record<number, TensorInfo | undefined>>): TensorInfo[] {
  return Object.values(tensors) as TensorInfo[];
}
