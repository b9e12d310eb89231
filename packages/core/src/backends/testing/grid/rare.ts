import type { KernelGrid, KernelGrids } from './case.ts';
import type { Draw } from './draw.ts';
import { forEachIndex, gridTensor, sizeOf, type GridNumbers } from './tensor.ts';

/** Kernels without a reference: theirs is plain JavaScript's kernel, which is a program of its own. */

const image = (draw: Draw, low = 1): number[] => [
  draw.integer(1, 2),
  draw.integer(low, 7),
  draw.integer(low, 7),
  draw.integer(1, 3),
];

function resize(isGradient: boolean, canCenter: boolean): KernelGrid {
  return {
    draw: (draw) => {
      const shape = image(draw);
      const size = [draw.integer(1, 9), draw.integer(1, 9)];
      const alignCorners = draw.rarely(2);
      const images = draw.floats(shape);
      return {
        inputs: isGradient ? { images, dy: draw.floats([shape[0]!, ...size, shape[3]!]) } : { images },
        attributes: { size, alignCorners, halfPixelCenters: canCenter && !alignCorners && draw.rarely(2) },
      };
    },
    weight: 3,
  };
}

/** For each resized pixel the two pixels that it mixes, with their shares. */
function mixOf(size: number, resized: number, alignCorners: boolean): (readonly [number, number])[][] {
  const scale = alignCorners && resized > 1 ? (size - 1) / (resized - 1) : size / resized;
  return Array.from({ length: resized }, (_, index) => {
    const first = Math.floor(index * scale);
    const share = index * scale - first;
    return [
      [Math.min(first, size - 1), 1 - share],
      [Math.min(first + 1, size - 1), share],
    ];
  });
}

/** Boxes with their second corner beyond the first. */
function drawBoxes(draw: Draw, count: number): GridNumbers {
  const values = draw
    .list(count, () => {
      const [top, left] = [draw.integer(0, 6) / 8, draw.integer(0, 6) / 8];
      return [top, left, top + draw.integer(1, 4) / 8, left + draw.integer(1, 4) / 8];
    })
    .flat();
  return gridTensor([count, 4], 'float32', values);
}

function suppression(attributes: (draw: Draw) => Readonly<Record<string, unknown>>): KernelGrid {
  return {
    draw: (draw) => {
      const count = draw.integer(1, 8);
      const scores = draw.permutation(count).map((place) => (place + 1) / 10);
      return {
        inputs: { boxes: drawBoxes(draw, count), scores: gridTensor([count], 'float32', scores) },
        attributes: {
          maxOutputSize: draw.integer(1, 8),
          iouThreshold: draw.choose([0.11, 0.31, 0.47]),
          scoreThreshold: draw.choose([0, 0.25]),
          ...attributes(draw),
        },
      };
    },
  };
}

/** Rows of segments: their ids grow by 0 or 1. */
function segments(): KernelGrid {
  return {
    draw: (draw) => {
      const shape = [draw.integer(1, 6), ...draw.filledShape(0, 1)];
      const count = draw.integer(1, 6);
      let id = 0;
      const ids = draw.list(count, (index) => (id += index > 0 && draw.rarely(2) ? 1 : 0));
      return {
        inputs: {
          data: draw.floats(shape),
          indices: draw.integers([count], 0, shape[0]! - 1),
          segmentIds: gridTensor([count], 'int32', ids),
        },
      };
    },
  };
}

function dilation(isGradient: boolean): KernelGrid {
  return {
    draw: (draw) => {
      const [rows, columns] = [draw.integer(1, 3), draw.integer(1, 3)];
      const shape = [draw.integer(1, 2), draw.integer(4, 7), draw.integer(4, 7), draw.integer(1, 3)];
      const strides: [number, number] = [draw.integer(1, 2), draw.integer(1, 2)];
      const pad = draw.choose(['same', 'valid'] as const);
      const along = (length: number, window: number, stride: number) =>
        pad === 'same' ? Math.ceil(length / stride) : Math.ceil((length - window + 1) / stride);
      const output = [shape[0]!, along(shape[1]!, rows, strides[0]), along(shape[2]!, columns, strides[1]), shape[3]!];
      const inputs = { x: draw.distinct(shape), filter: draw.floats([rows, columns, shape[3]!]) };
      return {
        inputs: isGradient ? { ...inputs, dy: draw.floats(output) } : inputs,
        attributes: { strides, pad, dilations: [1, 1] },
      };
    },
  };
}

export const rareKernels: KernelGrids = {
  ResizeBilinear: resize(false, true),
  ResizeBilinearGrad: {
    ...resize(true, false),
    // Plain JavaScript swaps height and width. The gradient shares each number as the resizing mixes it.
    reference: ({ images, dy }, { alignCorners }: { alignCorners: boolean }) => {
      const [batch, height, width, channels] = images!.shape as [number, number, number, number];
      const values = new Float64Array(images!.values.length);
      const [rows, columns] = [mixOf(height, dy!.shape[1]!, alignCorners), mixOf(width, dy!.shape[2]!, alignCorners)];
      forEachIndex([batch, rows.length, columns.length, channels], ([item, row, column, channel], position) => {
        for (const [y, rowShare] of rows[row!]!)
          for (const [x, columnShare] of columns[column!]!)
            values[((item! * height + y) * width + x) * channels + channel!]! +=
              dy!.values[position]! * rowShare * columnShare;
      });
      return { shape: images!.shape, dtype: 'float32', values };
    },
  },
  ResizeNearestNeighbor: resize(false, true),
  ResizeNearestNeighborGrad: {
    ...resize(true, false),
    // Plain JavaScript's kernel does not end for some sizes.
    reference: ({ images, dy }, { alignCorners }: { alignCorners: boolean }) => {
      const [, height, width, channels] = images!.shape as [number, number, number, number];
      const values = new Float64Array(images!.values.length);
      const source = (place: number, size: number, resized: number) => {
        const exact = alignCorners && resized > 1 ? (place * (size - 1)) / (resized - 1) : (place * size) / resized;
        return Math.min(size - 1, alignCorners ? Math.round(exact) : Math.floor(exact));
      };
      forEachIndex(dy!.shape, ([item, row, column, channel], position) => {
        const [y, x] = [source(row!, height, dy!.shape[1]!), source(column!, width, dy!.shape[2]!)];
        values[((item! * height + y) * width + x) * channels + channel!]! += dy!.values[position]!;
      });
      return { shape: images!.shape, dtype: 'float32', values };
    },
  },
  CropAndResize: {
    draw: (draw) => {
      const shape = image(draw, 2);
      const count = draw.integer(1, 4);
      return {
        inputs: {
          image: draw.floats(shape),
          boxes: drawBoxes(draw, count),
          boxInd: draw.integers([count], 0, shape[0]! - 1),
        },
        attributes: {
          cropSize: [draw.integer(1, 4), draw.integer(1, 4)],
          method: draw.choose(['bilinear', 'nearest']),
          extrapolationValue: 0.5,
        },
      };
    },
    weight: 2,
  },
  FlipLeftRight: { draw: (draw) => ({ inputs: { image: draw.floats(image(draw)) } }) },
  RotateWithOffset: {
    draw: (draw) => ({
      inputs: { image: draw.floats(image(draw, 3)) },
      attributes: { radians: draw.integer(-6, 6) / 2, fillValue: 0, center: draw.choose([0.5, [0.25, 0.75]]) },
    }),
  },
  Transform: {
    draw: (draw) => ({
      inputs: {
        image: draw.floats(image(draw, 3)),
        transforms: gridTensor([1, 8], 'float32', [
          1,
          draw.integer(-2, 2) / 4,
          draw.integer(-2, 2),
          0.25,
          1,
          0.5,
          0,
          0,
        ]),
      },
      attributes: {
        interpolation: draw.choose(['nearest', 'bilinear']),
        fillMode: draw.choose(['constant', 'reflect', 'wrap', 'nearest']),
        fillValue: 0.5,
        outputShape: [draw.integer(2, 6), draw.integer(2, 6)],
      },
    }),
    weight: 2,
  },
  LRN: {
    draw: (draw) => ({
      inputs: { x: draw.floats(image(draw)) },
      attributes: { depthRadius: draw.integer(1, 3), bias: 1, alpha: 0.5, beta: 0.75 },
    }),
  },
  LRNGrad: {
    draw: (draw) => {
      const shape = image(draw);
      return {
        inputs: { x: draw.floats(shape), y: draw.floats(shape), dy: draw.floats(shape) },
        attributes: { depthRadius: draw.integer(1, 3), bias: 1, alpha: 0.5, beta: 0.75 },
      };
    },
  },
  Dilation2D: dilation(false),
  Dilation2DBackpropInput: dilation(true),
  Dilation2DBackpropFilter: dilation(true),
  NonMaxSuppressionV3: suppression(() => ({})),
  NonMaxSuppressionV4: suppression((draw) => ({ padToMaxOutputSize: draw.rarely(2) })),
  NonMaxSuppressionV5: suppression((draw) => ({ softNmsSigma: draw.choose([0, 0.5]) })),
  TopK: {
    draw: (draw) => {
      const shape = draw.filledShape(1, 3);
      const x = draw.rarely(3) ? draw.integers(shape) : draw.distinct(shape);
      return { inputs: { x }, attributes: { k: draw.integer(1, shape.at(-1)!), sorted: true } };
    },
  },
  Unique: {
    draw: (draw) => ({ inputs: { x: draw.integers([draw.integer(1, 9)], 0, 4) }, attributes: { axis: 0 } }),
  },
  SearchSorted: {
    draw: (draw) => {
      const rows = draw.integer(1, 3);
      const length = draw.integer(1, 6);
      const sorted = draw.list(rows, () => [...Array.from(draw.floats([length]).values)].sort((a, b) => a - b)).flat();
      return {
        inputs: {
          sortedSequence: gridTensor([rows, length], 'float32', sorted),
          values: draw.floats([rows, draw.integer(1, 5)]),
        },
        attributes: { side: draw.choose(['left', 'right']) },
      };
    },
  },
  Bincount: {
    draw: (draw) => {
      const length = draw.integer(1, 9);
      return {
        inputs: { x: draw.integers([length], 0, 6), weights: draw.floats([draw.rarely(2) ? 0 : length]) },
        attributes: { size: draw.integer(1, 7) },
      };
    },
  },
  DenseBincount: {
    draw: (draw) => {
      const shape = draw.filledShape(1, 2);
      const isWeighted = draw.rarely(2);
      return {
        inputs: { x: draw.integers(shape, 0, 6), weights: draw.floats(isWeighted ? shape : [0]) },
        // Plain JavaScript ignores `binaryOutput` for one axis.
        attributes: { size: draw.integer(1, 7), binaryOutput: shape.length > 1 && draw.rarely(2) },
      };
    },
  },
  SparseSegmentMean: segments(),
  SparseSegmentSum: segments(),
  SparseToDense: {
    draw: (draw) => {
      const shape = draw.filledShape(1, 2);
      const places = draw
        .permutation(sizeOf(shape))
        .slice(0, draw.integer(1, 4))
        .sort((a, b) => a - b);
      const indices = places.flatMap((place) =>
        shape.length === 1 ? [place] : [Math.floor(place / shape[1]!), place % shape[1]!],
      );
      return {
        inputs: {
          sparseIndices: gridTensor([places.length, shape.length], 'int32', indices),
          sparseValues: draw.floats([places.length]),
          defaultValue: draw.floats([]),
        },
        attributes: { outputShape: shape },
      };
    },
  },
  SparseFillEmptyRows: {
    draw: (draw) => {
      const rows = draw.integer(1, 5);
      const filled = draw.list(rows, (row) => row).filter((row) => row === 0 || draw.rarely(2));
      return {
        inputs: {
          indices: gridTensor(
            [filled.length, 2],
            'int32',
            filled.flatMap((row) => [row, draw.integer(0, 3)]),
          ),
          values: draw.floats([filled.length]),
          denseShape: gridTensor([2], 'int32', [rows, 4]),
          defaultValue: draw.floats([]),
        },
      };
    },
  },
  SparseReshape: {
    draw: (draw) => {
      const [rows, columns] = [draw.integer(1, 4), draw.integer(1, 4)];
      const count = draw.integer(1, 4);
      const indices = draw.list(count, () => [draw.integer(0, rows - 1), draw.integer(0, columns - 1)]).flat();
      return {
        inputs: {
          inputIndices: gridTensor([count, 2], 'int32', indices),
          inputShape: gridTensor([2], 'int32', [rows, columns]),
          newShape: gridTensor(
            [2],
            'int32',
            draw.choose([
              [columns, rows],
              [1, -1],
              [-1, 1],
            ]),
          ),
        },
      };
    },
  },
  StringNGrams: {
    draw: (draw) => {
      const words = draw.list(draw.integer(2, 6), () => draw.choose(['a', 'bc', 'déf', '']));
      return {
        inputs: {
          data: { shape: [words.length], dtype: 'string', values: words },
          dataSplits: gridTensor([3], 'int32', [0, draw.integer(0, words.length), words.length]),
        },
        attributes: {
          separator: '|',
          nGramWidths: [draw.integer(1, 3)],
          leftPad: 'L',
          rightPad: 'R',
          padWidth: draw.integer(0, 1),
          preserveShortSequences: draw.rarely(2),
        },
      };
    },
  },
  StringSplit: {
    draw: (draw) => {
      const texts = draw.list(draw.integer(1, 4), () => draw.choose(['a b', ' a', 'b  c ', '', 'é f']));
      return {
        inputs: {
          input: { shape: [texts.length], dtype: 'string', values: texts },
          delimiter: { shape: [], dtype: 'string', values: [' '] },
        },
        attributes: { skipEmpty: draw.rarely(2) },
      };
    },
  },
  StringToHashBucketFast: {
    draw: (draw) => {
      const texts = draw.list(draw.integer(1, 6), () =>
        draw.choose(['a', 'bc', 'déf', '', 'a longer text of many letters']),
      );
      return {
        inputs: { input: { shape: [texts.length], dtype: 'string', values: texts } },
        attributes: { numBuckets: draw.integer(1, 1000) },
      };
    },
  },
};
