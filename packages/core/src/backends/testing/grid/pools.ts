import { largest } from '@motley/run';
import type { KernelCase, KernelGrid, KernelGrids, Reference } from './case.ts';
import type { Draw } from './draw.ts';
import { sizeOf, type GridNumbers } from './tensor.ts';
import {
  axesOf,
  drawGeometry,
  forEachTap,
  partsOf,
  zeros,
  type Drawn,
  type WindowAttributes,
  type WindowOptions,
} from './window-geometry.ts';

/** Calls `body` with the numbers of each window, their places, and the place of the result. */
function forEachWindow(
  shape: readonly number[],
  attributes: WindowAttributes,
  body: (places: readonly number[], output: number) => void,
): number[] {
  const { batch, lengths, channels } = partsOf(shape);
  const axes = axesOf(lengths, attributes.filterSize!, attributes);
  const outputs = axes.map((axis) => axis.outputs);
  const taken: number[][] = Array.from({ length: sizeOf(outputs) }, () => []);
  forEachTap(axes, (output, _, pixel) => taken[output]!.push(pixel));
  const [pixels, places] = [sizeOf(lengths), sizeOf(outputs)];
  for (let item = 0; item < batch; item++)
    for (let channel = 0; channel < channels; channel++)
      taken.forEach((list, output) => {
        body(
          list.map((pixel) => (item * pixels + pixel) * channels + channel),
          (item * places + output) * channels + channel,
        );
      });
  return [batch, ...outputs, channels];
}

function pool(
  options: WindowOptions,
  draws: (draw: Draw, geometry: Drawn) => KernelCase['inputs'],
  reference: Reference,
): KernelGrid {
  return {
    draw: (draw) => {
      const geometry = drawGeometry(draw, options);
      return {
        inputs: draws(draw, geometry),
        attributes: { ...geometry.attributes, filterSize: geometry.window, includeBatchInIndex: draw.rarely(2) },
      };
    },
    reference,
    weight: 5,
  };
}

const outputShape = ({ image, outputs, channels }: Drawn) => [image[0]!, ...outputs, channels];

/** The place of the first of the largest numbers. */
const largestOf = (values: ArrayLike<number>, places: readonly number[]): number =>
  places.reduce((best, place) => (values[place]! > values[best]! ? place : best), places[0]!);

function poolOf(options: WindowOptions, combine: (numbers: readonly number[]) => number): KernelGrid {
  return pool(
    options,
    (draw, { image }) => ({ x: draw.floats(image) }),
    ({ x }, attributes: WindowAttributes) => {
      const values: number[] = [];
      const shape = forEachWindow(x!.shape, attributes, (places, output) => {
        values[output] = combine(places.map((place) => x!.values[place]!));
      });
      return { shape, dtype: 'float32', values };
    },
  );
}

const averageOf = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

function maximumGradient(options: WindowOptions): KernelGrid {
  const grid = pool(
    options,
    (draw, geometry) => ({ dy: draw.floats(outputShape(geometry)), input: draw.distinct(geometry.image) }),
    ({ dy, input }, attributes: WindowAttributes) => {
      const values = zeros(input!.shape);
      forEachWindow(input!.shape, attributes, (places, output) => {
        values[largestOf(input!.values, places)]! += dy!.values[output]!;
      });
      return { shape: input!.shape, dtype: 'float32', values };
    },
  );
  // The kernel also gets the maxima.
  const maxima = poolOf(options, largest).reference!;
  return {
    ...grid,
    draw: (draw) => {
      const { inputs, attributes } = grid.draw(draw) as { inputs: Record<string, GridNumbers>; attributes: never };
      const output = maxima({ x: inputs.input! }, attributes) as GridNumbers;
      return { inputs: { ...inputs, output }, attributes };
    },
  };
}

/** Divides by the whole window, as the kernels of TensorFlow.js do; core's gradient corrects the factor at the borders. */
function averageGradient(options: WindowOptions): KernelGrid {
  return pool(
    options,
    (draw, geometry) => ({ dy: draw.floats(outputShape(geometry)), input: draw.floats(geometry.image) }),
    ({ dy, input }, attributes: WindowAttributes) => {
      const values = zeros(input!.shape);
      const share = 1 / sizeOf(attributes.filterSize!);
      forEachWindow(input!.shape, attributes, (places, output) => {
        for (const place of places) values[place]! += dy!.values[output]! * share;
      });
      return { shape: input!.shape, dtype: 'float32', values };
    },
  );
}

const flat: WindowOptions = { rank: 2 };
const deep: WindowOptions = { rank: 3 };

export const poolKernels: KernelGrids = {
  AvgPool: poolOf(flat, averageOf),
  AvgPoolGrad: averageGradient(flat),
  AvgPool3D: poolOf(deep, averageOf),
  AvgPool3DGrad: averageGradient(deep),
  MaxPool: poolOf(flat, largest),
  MaxPoolGrad: maximumGradient(flat),
  MaxPool3D: poolOf(deep, largest),
  MaxPool3DGrad: maximumGradient(deep),
  MaxPoolWithArgmax: pool(
    { rank: 2, hasNumbers: false },
    (draw, { image }) => ({ x: draw.distinct(image) }),
    ({ x }, attributes: WindowAttributes) => {
      const [values, places]: [number[], number[]] = [[], []];
      const perImage = sizeOf(x!.shape.slice(1));
      const shape = forEachWindow(x!.shape, attributes, (list, output) => {
        const place = largestOf(x!.values, list);
        values[output] = x!.values[place]!;
        places[output] = attributes.includeBatchInIndex === true ? place : place % perImage;
      });
      return [
        { shape, dtype: 'float32', values },
        { shape, dtype: 'int32', values: places },
      ];
    },
  ),
};
