import type { KernelCase, KernelGrid, KernelGrids } from './case.ts';
import type { Draw } from './draw.ts';
import { any, blockIndex, taken } from './moving.ts';
import { forEachIndex, gridTensor, positionOf, sizeOf, stridesOf, type GridNumbers } from './tensor.ts';

const without = (shape: readonly number[], axis: number): number[] => shape.filter((_, other) => other !== axis);
const replaced = (shape: readonly number[], axis: number, length: number): number[] =>
  shape.map((each, other) => (other === axis ? length : each));

/** Kernels of one tensor whose result takes its numbers from elsewhere. */
function moving<Attributes extends object>(
  draw: (draw: Draw) => { x: GridNumbers; attributes: Attributes },
  of: (x: GridNumbers, attributes: Attributes) => GridNumbers | GridNumbers[],
  name = 'x',
): KernelGrid {
  return {
    draw: (source) => {
      const { x, attributes } = draw(source);
      return { inputs: { [name]: x }, attributes: attributes as KernelCase['attributes'] & object };
    },
    reference: (inputs, attributes: never) => of(inputs[name]!, attributes),
    weight: 2,
  };
}

type Pairs = readonly (readonly [number, number])[];

const splitOf = (x: GridNumbers, sizes: readonly number[], axis: number): GridNumbers[] => {
  let start = 0;
  return sizes.map((size) => {
    const first = start;
    start += size;
    return taken(x, replaced(x.shape, axis, size), (index) =>
      index.map((each, other) => (other === axis ? each + first : each)),
    );
  });
};

/** Tensors that differ along one axis. */
function drawAlike(draw: Draw, canDiffer: boolean): { inputs: GridNumbers[]; axis: number } {
  const shape = draw.shape(canDiffer ? 1 : 0, 4);
  const axis = canDiffer ? draw.integer(0, shape.length - 1) : draw.integer(0, shape.length);
  const dtype = draw.dtype();
  const inputs = draw.list(draw.integer(canDiffer ? 2 : 1, 4), () =>
    draw.numbers(canDiffer ? replaced(shape, axis, draw.length()) : shape, dtype),
  );
  return { inputs, axis };
}

/** The parts one after another along an axis. */
function joined(parts: readonly GridNumbers[], axis: number): GridNumbers {
  const lengths = parts.map(({ shape }) => shape[axis]!);
  const shape = replaced(
    parts[0]!.shape,
    axis,
    lengths.reduce((sum, each) => sum + each, 0),
  );
  const values = new Float64Array(sizeOf(shape));
  forEachIndex(shape, (index, position) => {
    let [part, place] = [0, index[axis]!];
    while (place >= lengths[part]!) place -= lengths[part++]!;
    values[position] = parts[part]!.values[positionOf(replaced(index, axis, place), stridesOf(parts[part]!.shape))]!;
  });
  return { shape, dtype: parts[0]!.dtype, values };
}

function reflected(place: number, length: number, isSymmetric: boolean): number {
  const offset = isSymmetric ? 1 : 0;
  if (place < 0) return -place - offset;
  return place < length ? place : 2 * length - 2 - place + offset;
}

const spaces = (draw: Draw) => {
  const block = draw.list(draw.integer(1, 2), () => draw.integer(1, 3));
  return { block, blocked: draw.list(block.length, () => draw.integer(1, 3)), rest: draw.filledShape(0, 1) };
};

const blockPosition = (block: readonly number[], index: readonly number[]): number =>
  positionOf(index, stridesOf(block));

export const arrangementKernels: KernelGrids = {
  Concat: {
    draw: (draw) => {
      const { inputs, axis } = drawAlike(draw, true);
      return { inputs, attributes: { axis } };
    },
    reference: (inputs, { axis }: { axis: number }) => joined(Object.values(inputs), axis),
    weight: 2,
  },
  Pack: {
    draw: (draw) => {
      const { inputs, axis } = drawAlike(draw, false);
      return { inputs, attributes: { axis } };
    },
    reference: (inputs, { axis }: { axis: number }) =>
      joined(
        Object.values(inputs).map((each) => ({ ...each, shape: each.shape.toSpliced(axis, 0, 1) })),
        axis,
      ),
    weight: 2,
  },
  Unpack: moving(
    (draw) => {
      const shape = draw.shape(1, 4);
      const axis = draw.integer(0, shape.length - 1);
      return { x: any(draw, replaced(shape, axis, draw.integer(1, 4))), attributes: { axis } };
    },
    (x, { axis }) =>
      splitOf(x, Array<number>(x.shape[axis]!).fill(1), axis).map((each) => ({
        ...each,
        shape: without(x.shape, axis),
      })),
    'value',
  ),
  SplitV: moving(
    (draw) => {
      const shape = draw.shape(1, 4);
      const axis = draw.integer(0, shape.length - 1);
      const numOrSizeSplits = draw.list(draw.integer(1, 4), () => draw.length());
      const length = numOrSizeSplits.reduce((sum, each) => sum + each, 0);
      return { x: any(draw, replaced(shape, axis, length)), attributes: { axis, numOrSizeSplits } };
    },
    (x, { axis, numOrSizeSplits }) => splitOf(x, numOrSizeSplits, axis),
  ),
  Slice: moving(
    (draw) => {
      const shape = draw.shape(1, 5);
      const begin = shape.map((length) => draw.integer(0, length));
      const size = shape.map((length, axis) => draw.integer(0, length - begin[axis]!));
      return {
        x: any(draw, shape),
        attributes: {
          begin,
          size: draw.rarely(2) ? size.map((each, axis) => (each === shape[axis]! - begin[axis]! ? -1 : each)) : size,
        },
      };
    },
    (x, { begin, size }) =>
      taken(
        x,
        size.map((each, axis) => (each < 0 ? x.shape[axis]! - begin[axis]! : each)),
        (index) => index.map((each, axis) => each + begin[axis]!),
      ),
  ),
  StridedSlice: moving(
    (draw) => {
      const shape = draw.filledShape(1, 4);
      const strides = shape.map(() => draw.choose([1, 1, 2, 3, -1, -2]));
      const begin = shape.map((length) => draw.integer(-length, length - 1));
      const end = shape.map((length) => draw.integer(-length, length));
      const masks = { beginMask: draw.integer(0, 3), endMask: draw.integer(0, 3), shrinkAxisMask: 0 };
      return { x: any(draw, shape), attributes: { begin, end, strides, ...masks, ellipsisMask: 0, newAxisMask: 0 } };
    },
    (x, { begin, end, strides, beginMask, endMask }) => {
      // Python's slices.
      const starts = x.shape.map((length, axis) => {
        if ((beginMask >> axis) & 1) return strides[axis]! > 0 ? 0 : length - 1;
        return begin[axis]! < 0 ? begin[axis]! + length : begin[axis]!;
      });
      const shape = x.shape.map((length, axis) => {
        const stop =
          (endMask >> axis) & 1
            ? strides[axis]! > 0
              ? length
              : -1
            : end[axis]! < 0
              ? end[axis]! + length
              : end[axis]!;
        return Math.max(0, Math.ceil((stop - starts[axis]!) / strides[axis]!));
      });
      return taken(x, shape, (index) => index.map((each, axis) => starts[axis]! + each * strides[axis]!));
    },
  ),
  PadV2: moving(
    (draw) => {
      const shape = draw.shape(1, 5);
      const paddings = shape.map(() => [draw.integer(0, 2), draw.integer(0, 2)] as const);
      return {
        x: draw.numbers(shape, draw.choose(['float32', 'int32'] as const)),
        attributes: { paddings, constantValue: draw.integer(-2, 2) },
      };
    },
    (x, { paddings, constantValue }) =>
      taken(
        x,
        x.shape.map((length, axis) => length + paddings[axis]![0] + paddings[axis]![1]),
        (index) => {
          const place = index.map((each, axis) => each - paddings[axis]![0]);
          return place.every((each, axis) => each >= 0 && each < x.shape[axis]!) ? place : null;
        },
        constantValue,
      ),
  ),
  MirrorPad: moving(
    (draw) => {
      const shape = draw.filledShape(1, 4);
      const mode = draw.choose(['reflect', 'symmetric'] as const);
      const most = (length: number) => Math.min(3, mode === 'reflect' ? length - 1 : length);
      const paddings: Pairs = shape.map((length) => [draw.integer(0, most(length)), draw.integer(0, most(length))]);
      return { x: draw.numbers(shape, draw.choose(['float32', 'int32'] as const)), attributes: { paddings, mode } };
    },
    (x, { paddings, mode }) =>
      taken(
        x,
        x.shape.map((length, axis) => length + paddings[axis]![0] + paddings[axis]![1]),
        (index) =>
          index.map((each, axis) => reflected(each - paddings[axis]![0], x.shape[axis]!, mode === 'symmetric')),
      ),
  ),
  Reverse: moving(
    (draw) => {
      const shape = draw.shape(1, 4);
      return {
        x: any(draw, shape),
        attributes: { dims: draw.permutation(shape.length).slice(0, draw.integer(1, shape.length)) },
      };
    },
    (x, { dims }) =>
      taken(x, x.shape, (index) => index.map((each, axis) => (dims.includes(axis) ? x.shape[axis]! - 1 - each : each))),
  ),
  Tile: moving(
    (draw) => {
      const shape = draw.shape(1, 5);
      return { x: any(draw, shape), attributes: { reps: shape.map(() => draw.choose([0, 1, 1, 2, 3])) } };
    },
    (x, { reps }) =>
      taken(
        x,
        x.shape.map((length, axis) => length * reps[axis]!),
        (index) => index.map((each, axis) => each % x.shape[axis]!),
      ),
  ),
  Transpose: {
    ...moving(
      (draw) => {
        const shape = draw.shape(0, 5);
        return { x: any(draw, shape), attributes: { perm: draw.permutation(shape.length) } };
      },
      (x, { perm }) =>
        taken(
          x,
          perm.map((axis) => x.shape[axis]!),
          (index) => x.shape.map((_, axis) => index[perm.indexOf(axis)]!),
        ),
    ),
    always: () => [{ inputs: { x: gridTensor([6, 0, 7, 3], 'float32', []) }, attributes: { perm: [0, 1, 3, 2] } }],
  },
  ExpandDims: moving(
    (draw) => {
      const shape = draw.shape();
      return { x: any(draw, shape), attributes: { dim: draw.integer(-shape.length - 1, shape.length) } };
    },
    (x, { dim }) => ({ ...x, shape: x.shape.toSpliced(dim < 0 ? dim + x.shape.length + 1 : dim, 0, 1) }),
    'input',
  ),
  Reshape: moving(
    (draw) => {
      const shape = draw.shape();
      return { x: any(draw, shape), attributes: { shape: draw.rarely(2) ? [sizeOf(shape)] : shape.toReversed() } };
    },
    (x, { shape }) => ({ ...x, shape }),
  ),
  SpaceToBatchND: moving(
    (draw) => {
      const { block, blocked, rest } = spaces(draw);
      const paddings: Pairs = block.map(() => [draw.integer(0, 1), draw.integer(0, 1)]);
      const space = block.map(
        (length, axis) =>
          blocked[axis]! * length +
          (paddings[axis]![0] + paddings[axis]![1] > 0 ? length : 0) -
          paddings[axis]![0] -
          paddings[axis]![1],
      );
      const shape = [draw.integer(1, 3), ...space.map((each) => Math.max(each, 0)), ...rest];
      return space.every((each) => each > 0)
        ? { x: draw.floats(shape), attributes: { blockShape: block, paddings } }
        : {
            x: draw.floats([1, ...block, ...rest]),
            attributes: { blockShape: block, paddings: block.map(() => [0, 0] as const) },
          };
    },
    (x, { blockShape, paddings }) => {
      const count = sizeOf(blockShape);
      const batch = x.shape[0]!;
      const space = blockShape.map(
        (block, axis) => (x.shape[axis + 1]! + paddings[axis]![0] + paddings[axis]![1]) / block,
      );
      const shape = [batch * count, ...space, ...x.shape.slice(blockShape.length + 1)];
      return taken(x, shape, (index) => {
        const inBlock = blockIndex(blockShape, Math.floor(index[0]! / batch));
        const place = blockShape.map((block, axis) => index[axis + 1]! * block + inBlock[axis]! - paddings[axis]![0]);
        if (place.some((each, axis) => each < 0 || each >= x.shape[axis + 1]!)) return null;
        return [index[0]! % batch, ...place, ...index.slice(blockShape.length + 1)];
      });
    },
  ),
  BatchToSpaceND: moving(
    (draw) => {
      const { block, blocked, rest } = spaces(draw);
      const crops: Pairs = block.map((length, axis) => [0, draw.integer(0, Math.min(1, length * blocked[axis]! - 1))]);
      return {
        x: draw.floats([draw.integer(1, 2) * sizeOf(block), ...blocked, ...rest]),
        attributes: { blockShape: block, crops },
      };
    },
    (x, { blockShape, crops }) => {
      const batch = x.shape[0]! / sizeOf(blockShape);
      const space = blockShape.map((block, axis) => x.shape[axis + 1]! * block - crops[axis]![0] - crops[axis]![1]);
      return taken(x, [batch, ...space, ...x.shape.slice(blockShape.length + 1)], (index) => {
        const place = blockShape.map((_, axis) => index[axis + 1]! + crops[axis]![0]);
        const inBlock = blockPosition(
          blockShape,
          place.map((each, axis) => each % blockShape[axis]!),
        );
        const inSpace = place.map((each, axis) => Math.floor(each / blockShape[axis]!));
        return [inBlock * batch + index[0]!, ...inSpace, ...index.slice(blockShape.length + 1)];
      });
    },
  ),
  DepthToSpace: moving(
    (draw) => {
      const blockSize = draw.integer(2, 3);
      const shape = [draw.integer(1, 2), draw.integer(1, 3), draw.integer(1, 3), blockSize ** 2 * draw.integer(1, 3)];
      return {
        x: draw.numbers(shape, draw.choose(['float32', 'int32'] as const)),
        attributes: { blockSize, dataFormat: 'NHWC' },
      };
    },
    (x, { blockSize }) => {
      const [batch, height, width, depth] = x.shape as [number, number, number, number];
      const channels = depth / blockSize ** 2;
      return taken(x, [batch, height * blockSize, width * blockSize, channels], ([item, row, column, channel]) => [
        item!,
        Math.floor(row! / blockSize),
        Math.floor(column! / blockSize),
        ((row! % blockSize) * blockSize + (column! % blockSize)) * channels + channel!,
      ]);
    },
  ),
  Diag: moving(
    (draw) => ({ x: draw.numbers(draw.filledShape(1, 2), draw.choose(['float32', 'int32'] as const)), attributes: {} }),
    (x) =>
      taken(x, [...x.shape, ...x.shape], (index) => {
        const [first, second] = [index.slice(0, x.shape.length), index.slice(x.shape.length)];
        return first.every((each, axis) => each === second[axis]) ? first : null;
      }),
  ),
};
