import {
  add,
  conv2d,
  depthwiseConv2d,
  fused,
  grads,
  mul,
  randomUniform,
  relu,
  reshape,
  sum,
  tensor,
  type Tensor,
  type Tensor4D,
  transpose,
} from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { register } from '../register.ts';
import { describeNative } from '../testing.ts';
import { run } from './kernel.ts';
import { outputSizes, type Padding, perAxis, type Rounding, spatialPaddings } from './windows.ts';

type Shape4D = [number, number, number, number];

interface Case {
  readonly input: Shape4D; // [B, H, W, C]
  readonly filter: Shape4D; // [H, W, C, M]
  readonly strides?: number | [number, number];
  readonly dilations?: number | [number, number];
  readonly pad: Exclude<Padding, 'same'>;
  readonly rounding?: Rounding;
}

const CASES: Case[] = [
  { input: [2, 5, 6, 3], filter: [3, 3, 3, 4], pad: 'valid' },
  { input: [2, 5, 6, 3], filter: [3, 3, 3, 4], pad: 1, strides: 2 },
  { input: [1, 6, 7, 2], filter: [3, 2, 2, 3], pad: 2 },
  {
    input: [1, 5, 5, 2],
    filter: [2, 2, 2, 2],
    pad: [
      [0, 0],
      [1, 2],
      [0, 3],
      [0, 0],
    ],
  },
  { input: [1, 6, 6, 2], filter: [3, 3, 2, 2], pad: 0, strides: 2, rounding: 'ceil' },
  { input: [1, 6, 6, 2], filter: [2, 2, 2, 2], pad: 1, strides: 3, rounding: 'round' },
  { input: [1, 9, 8, 2], filter: [3, 2, 2, 2], pad: 'valid', dilations: [2, 3] },
  { input: [1, 7, 7, 2], filter: [3, 3, 2, 2], pad: 2, dilations: 2 },
  { input: [1, 12, 10, 2], filter: [1, 1, 2, 3], pad: 'valid', strides: 2 },
  { input: [2, 7, 6, 1], filter: [1, 1, 1, 1], pad: 'valid', strides: [3, 2] },
  { input: [2, 8, 7, 3], filter: [3, 2, 3, 2], pad: 1, strides: [1, 3] },
  { input: [1, 11, 9, 2], filter: [2, 3, 2, 1], pad: 'valid', strides: [2, 1], dilations: [3, 2] },
];

/** Computes by the definition: y[b, i, j, m] = Σ x[b, i·s + p·d − before, j·s + q·d − before, c] f[p, q, c, m]. */
function reference(
  x: Tensor4D,
  filter: Tensor4D,
  test: Case,
  depthwise: boolean,
): { shape: Shape4D; values: number[] } {
  const [batch, height, width, channels] = x.shape;
  const [filterHeight, filterWidth, , multiplier] = filter.shape;
  const [strideY, strideX] = perAxis(test.strides ?? 1, 2) as [number, number];
  const [dilationY, dilationX] = perAxis(test.dilations ?? 1, 2) as [number, number];
  const [[top, bottom], [left, right]] = spatialPaddings(test.pad, 2, 1) as [[number, number], [number, number]];
  const round = test.rounding ?? 'floor';
  const outHeight = Math[round]((height + top + bottom - (filterHeight - 1) * dilationY - 1) / strideY) + 1;
  const outWidth = Math[round]((width + left + right - (filterWidth - 1) * dilationX - 1) / strideX) + 1;
  const pixels = x.arraySync();
  const weights = filter.arraySync();
  const outChannels = depthwise ? channels * multiplier : multiplier;
  const values: number[] = [];
  for (let b = 0; b < batch; b++)
    for (let i = 0; i < outHeight; i++)
      for (let j = 0; j < outWidth; j++)
        for (let m = 0; m < outChannels; m++) {
          let total = 0;
          for (let p = 0; p < filterHeight; p++)
            for (let q = 0; q < filterWidth; q++) {
              const pixel = pixels[b]![i * strideY + p * dilationY - top]?.[j * strideX + q * dilationX - left];
              if (pixel === undefined) continue;
              if (depthwise) {
                const channel = Math.floor(m / multiplier);
                total += pixel[channel]! * weights[p]![q]![channel]![m % multiplier]!;
              } else for (let c = 0; c < channels; c++) total += pixel[c]! * weights[p]![q]![c]![m]!;
            }
          values.push(total);
        }
  return { shape: [batch, outHeight, outWidth, outChannels], values };
}

function random(shape: readonly number[], seed: number): Tensor4D {
  return randomUniform(shape as Shape4D, -1, 1, 'float32', seed);
}

function expectClose(actual: Tensor, expected: ArrayLike<number>): void {
  const values = actual.dataSync();
  expect(values.length).toBe(expected.length);
  for (let i = 0; i < values.length; i++) expect(values[i]).toBeCloseTo(expected[i]!, 4);
}

const inner = (a: Tensor, b: Tensor): number => sum(mul(a, b)).dataSync()[0]!;

const swapped = ({ pad }: Case): Padding => (typeof pad === 'object' ? [pad[0]!, pad[3]!, pad[1]!, pad[2]!] : pad);

describeNative('convolutions', () => {
  beforeAll(async () => {
    await register();
  });

  describe.each(CASES)('of $input with $filter, padding $pad, strides $strides, dilations $dilations', (test) => {
    const { strides = 1, dilations = 1, rounding } = test;
    const last = { strides, dilations, pad: test.pad, dimRoundingMode: rounding };
    const first = { ...last, pad: swapped(test), dataFormat: 'NCHW' };

    it.each([
      ['Conv2D', false],
      ['DepthwiseConv2dNative', true],
    ])('%s is its definition, with channels last and first', (kernel, depthwise) => {
      const [x, filter] = [random(test.input, 1), random(test.filter, 2)];
      const expected = reference(x, filter, test, depthwise);
      const y = run(kernel, { x, filter }, { ...last, dataFormat: 'NHWC' });
      expect(y.shape).toEqual(expected.shape);
      expectClose(y, expected.values);
      const swappedY = run(kernel, { x: transpose(x, [0, 3, 1, 2]), filter }, first);
      expectClose(transpose(swappedY, [0, 2, 3, 1]), expected.values);
    });

    // y is linear in x and in the filter, so its gradients are adjoints: ⟨dy, conv(v, f)⟩ = ⟨dx, v⟩ for every v.
    it.each(['Conv2D', 'DepthwiseConv2dNative'])('the gradients of %s are its adjoints', (kernel) => {
      const [x, filter] = [random(test.input, 3), random(test.filter, 4)];
      const [v, w] = [random(test.input, 5), random(test.filter, 6)];
      const names =
        kernel === 'Conv2D'
          ? ['Conv2DBackpropInput', 'Conv2DBackpropFilter']
          : [`${kernel}BackpropInput`, `${kernel}BackpropFilter`];
      for (const [format, order] of [
        [{ ...last, dataFormat: 'NHWC' }, [0, 1, 2, 3]],
        [first, [0, 3, 1, 2]],
      ] as const) {
        const place = (image: Tensor): Tensor => transpose(image, [...order]);
        const forward = (image: Tensor, weights: Tensor): Tensor =>
          run(kernel, { x: place(image), filter: weights }, format);
        const dy = random(forward(x, filter).shape, 7);
        const dx = run(names[0]!, { dy, filter }, { ...format, inputShape: place(x).shape });
        const dFilter = run(names[1]!, { x: place(x), dy }, { ...format, filterShape: test.filter });
        expect(dx.shape).toEqual(place(x).shape);
        expect(dFilter.shape).toEqual(test.filter);
        expect(inner(dx, place(v))).toBeCloseTo(inner(dy, forward(v, filter)), 3);
        expect(inner(dFilter, w)).toBeCloseTo(inner(dy, forward(x, w)), 3);
      }
    });
  });

  it.each(['Conv2D', 'DepthwiseConv2dNative'])('%s and its gradients pad alike with channels first', (kernel) => {
    const [x, filter] = [random([2, 6, 7, 3], 1), random([3, 2, 3, 2], 2)];
    const backward = kernel === 'Conv2D' ? 'Conv2DBackprop' : `${kernel}Backprop`;
    const swap = (image: Tensor): Tensor => transpose(image, [0, 3, 1, 2]);
    for (const [strides, dilations] of [
      [2, 1],
      [1, 2],
    ]) {
      const attributes = { strides, dilations, pad: 'same', dataFormat: 'NHWC' };
      const expected = run(kernel, { x, filter }, attributes);
      const first = { ...attributes, dataFormat: 'NCHW' };
      expectClose(transpose(run(kernel, { x: swap(x), filter }, first), [0, 2, 3, 1]), expected.dataSync());
      const dy = random(expected.shape, 3);
      const dx = run(`${backward}Input`, { dy, filter }, { ...attributes, inputShape: x.shape });
      const firstDx = run(`${backward}Input`, { dy: swap(dy), filter }, { ...first, inputShape: swap(x).shape });
      expectClose(transpose(firstDx, [0, 2, 3, 1]), dx.dataSync());
      const dFilter = run(`${backward}Filter`, { x, dy }, { ...attributes, filterShape: filter.shape });
      const firstDFilter = run(
        `${backward}Filter`,
        { x: swap(x), dy: swap(dy) },
        { ...first, filterShape: filter.shape },
      );
      expectClose(firstDFilter, dFilter.dataSync());
    }
  });

  it("are used by tfjs's gradients for padding by numbers and pairs", () => {
    const [x, filter] = [random([1, 5, 5, 2], 1), random([3, 3, 2, 2], 2)];
    const v = random([1, 5, 5, 2], 3);
    const pairs: [[number, number], [number, number], [number, number], [number, number]] = [
      [0, 0],
      [1, 2],
      [0, 1],
      [0, 0],
    ];
    for (const convolve of [
      (image: Tensor4D, weights: Tensor4D) => conv2d(image, weights, 1, 1),
      (image: Tensor4D, weights: Tensor4D) => conv2d(image, weights, 2, pairs),
      (image: Tensor4D, weights: Tensor4D) => depthwiseConv2d(image, weights, 1, 1),
      (image: Tensor4D, weights: Tensor4D) => depthwiseConv2d(image, weights, 2, pairs),
    ]) {
      const [dx, dFilter] = grads((image, weights) => convolve(image as Tensor4D, weights as Tensor4D))([x, filter]);
      const total = (image: Tensor4D): number => sum(convolve(image, filter)).dataSync()[0]!;
      expect(inner(dx!, v)).toBeCloseTo(total(v), 3);
      expect(inner(dFilter!, filter)).toBeCloseTo(total(x), 3);
    }
  });

  it('add a bias per channel before the activation, with channels first or last', () => {
    const [x, filter] = [random([2, 3, 5, 5], 1), random([2, 2, 3, 4], 2)];
    const bias = tensor([0.5, -0.5, 1, -1]);
    const y = fused.conv2d({ x, filter, strides: 1, pad: 1, dataFormat: 'NCHW', bias, activation: 'relu' });
    const apart = relu(add(conv2d(x, filter, 1, 1, 'NCHW'), reshape(bias, [4, 1, 1])));
    expect(y.shape).toEqual([2, 4, 6, 6]);
    expectClose(y, apart.dataSync());
  });
});

describe('outputSizes', () => {
  const windows = { inputSizes: [6, 7], filterSizes: [3, 2], strides: [2, 2] };

  it('treats each axis with its own filter and stride', () => {
    expect(
      outputSizes(
        {
          ...windows,
          strides: [1, 2],
          paddings: [
            [0, 0],
            [1, 1],
          ],
        },
        undefined,
      ),
    ).toEqual([4, 4]);
  });

  it('rounds as requested, by default towards zero', () => {
    const valid = {
      ...windows,
      paddings: [
        [0, 0],
        [0, 0],
      ] as [number, number][],
    };
    expect(outputSizes(valid, undefined)).toEqual([2, 3]);
    expect(outputSizes(valid, 'floor')).toEqual([2, 3]);
    expect(outputSizes(valid, 'ceil')).toEqual([3, 4]);
  });

  it('is never negative', () => {
    expect(outputSizes({ inputSizes: [1], filterSizes: [9], strides: [1], paddings: [[0, 0]] }, undefined)).toEqual([
      0,
    ]);
  });
});
