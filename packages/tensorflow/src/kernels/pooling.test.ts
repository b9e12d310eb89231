import {
  grad,
  maxPoolWithArgmax,
  mul,
  randomUniform,
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
import { type Padding, type Rounding, spatialPaddings } from './windows.ts';

interface Case {
  readonly filterSize: [number, number];
  readonly strides: [number, number];
  readonly pad: Exclude<Padding, 'same'>;
  readonly dimRoundingMode?: Rounding;
}

const SHAPE: [number, number, number, number] = [2, 6, 7, 2]; // [B, H, W, C]
const CASES: Case[] = [
  { filterSize: [2, 3], strides: [1, 1], pad: 1 },
  {
    filterSize: [3, 2],
    strides: [2, 1],
    pad: [
      [0, 0],
      [1, 2],
      [0, 1],
      [0, 0],
    ],
  },
  { filterSize: [3, 3], strides: [3, 3], pad: 1, dimRoundingMode: 'ceil' },
  { filterSize: [3, 3], strides: [2, 2], pad: 0, dimRoundingMode: 'round' },
];

/** The elements under each window without its padding, in the order of the output, and their indices in the image. */
function windows(
  x: Tensor4D,
  { filterSize, strides, pad, dimRoundingMode }: Case,
): { value: number; place: number }[][] {
  const [batch, height, width, channels] = x.shape;
  const [[top, bottom], [left, right]] = spatialPaddings(pad, 2, 1) as [[number, number], [number, number]];
  const round = dimRoundingMode ?? 'floor';
  const outHeight = Math[round]((height + top + bottom - filterSize[0]) / strides[0]) + 1;
  const outWidth = Math[round]((width + left + right - filterSize[1]) / strides[1]) + 1;
  const pixels = x.arraySync();
  const result: { value: number; place: number }[][] = [];
  for (let b = 0; b < batch; b++)
    for (let i = 0; i < outHeight; i++)
      for (let j = 0; j < outWidth; j++)
        for (let c = 0; c < channels; c++) {
          const elements = [];
          for (let y = i * strides[0] - top; y < i * strides[0] - top + filterSize[0]; y++)
            for (let z = j * strides[1] - left; z < j * strides[1] - left + filterSize[1]; z++) {
              const value = pixels[b]![y]?.[z]?.[c];
              if (value !== undefined) elements.push({ value, place: (y * width + z) * channels + c });
            }
          result.push(elements);
        }
  return result;
}

const inner = (a: Tensor, b: Tensor): number => sum(mul(a, b)).dataSync()[0]!;

function expectClose(actual: Tensor, expected: readonly number[]): void {
  const values = actual.dataSync();
  expect(values.length).toBe(expected.length);
  expected.forEach((value, index) => {
    expect(values[index]).toBeCloseTo(value, 4);
  });
}

describeNative('pooling', () => {
  let x: Tensor4D;
  beforeAll(async () => {
    await register();
    x = randomUniform(SHAPE, -1, 1, 'float32', 1);
  });

  describe.each(CASES)('with windows $filterSize, strides $strides, padding $pad, $dimRoundingMode', (test) => {
    it('averages the elements outside the padding', () => {
      const means = windows(x, test).map(
        (elements) => elements.reduce((total, { value }) => total + value, 0) / Math.max(1, elements.length),
      );
      expectClose(run('AvgPool', { x }, test), means);
    });

    it('finds maxima', () => {
      const maxima = windows(x, test).map((elements) =>
        elements.reduce((most, { value }) => Math.max(most, value), -Infinity),
      );
      expectClose(run('MaxPool', { x }, test), maxima);
    });

    // The average is linear: ⟨dy, pool(v)⟩ = ⟨dx, v⟩.
    it('has the adjoint of the average as gradient', () => {
      const v = randomUniform(SHAPE, -1, 1, 'float32', 2);
      const dy = randomUniform(run('AvgPool', { x }, test).shape, -1, 1, 'float32', 3);
      const dx = run('AvgPoolGrad', { dy, input: x }, test);
      expect(dx.shape).toEqual(SHAPE);
      expect(inner(dx, v)).toBeCloseTo(inner(dy, run('AvgPool', { x: v }, test)), 4);
    });

    // The maximum is homogeneous and no two elements are equal: ⟨dy, pool(x)⟩ = ⟨dx, x⟩, and each gradient has one home.
    it('gives the gradient of a maximum to its element', () => {
      const output = run('MaxPool', { x }, test);
      const dy = randomUniform(output.shape, -1, 1, 'float32', 4);
      const dx = run('MaxPoolGrad', { dy, input: x, output }, test).dataSync();
      const gradients = dy.dataSync();
      const perImage = windows(x, test).length / SHAPE[0];
      const expected = new Float32Array(dx.length);
      windows(x, test).forEach((elements, index) => {
        const { place } = elements.reduce((best, element) => (element.value > best.value ? element : best));
        const image = Math.floor(index / perImage);
        expected[image * (dx.length / SHAPE[0]) + place]! += gradients[index]!;
      });
      expected.forEach((value, index) => {
        expect(dx[index]).toBeCloseTo(value, 5);
      });
    });
  });

  it('returns the index of a maximum in the image without its padding', () => {
    const padded = { filterSize: [2, 2] as [number, number], strides: [2, 2] as [number, number], pad: 1 };
    for (const includeBatchInIndex of [false, true]) {
      const pooled = maxPoolWithArgmax(x, 2, 2, 1, includeBatchInIndex);
      const best = windows(x, padded).map((elements) => elements.reduce((a, b) => (b.value > a.value ? b : a)));
      const maxima = best.map(({ value }) => value);
      expectClose(pooled.result!, maxima);
      const places = best.map(({ place }, index) => {
        const image = Math.floor(index / (best.length / SHAPE[0]));
        return place + (includeBatchInIndex ? (image * x.size) / SHAPE[0] : 0);
      });
      expect([...pooled.indexes!.dataSync()]).toEqual(places);
    }
  });

  it('pads volumes as it pads images', () => {
    const plane = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3, 1]);
    const attributes = { filterSize: [1, 2, 2], strides: [1, 1, 1], dataFormat: 'NDHWC' };
    const flat = { filterSize: [2, 2], strides: [1, 1], pad: 1 };
    const image = plane.reshape([1, 3, 3, 1]);
    for (const kernel of ['AvgPool', 'MaxPool']) {
      const volume = run(`${kernel}3D`, { x: plane }, { ...attributes, pad: 1 });
      expect(volume.shape).toEqual([1, 3, 4, 4, 1]);
      expectClose(volume.slice([0, 1], [1, 1]), [...run(kernel, { x: image }, flat).dataSync()]);
      const lossOf = (input: Tensor): Tensor =>
        sum(run(`${kernel}3D`, { x: input }, { ...attributes, pad: 1 }).slice([0, 1], [1, 1]));
      const output = run(kernel, { x: image }, flat);
      const dy = output.onesLike();
      const dx = run(`${kernel}Grad`, { dy, input: image, output }, flat);
      expectClose(grad(lossOf)(plane), [...dx.dataSync()]);
    }
  });

  it('returns an empty tensor where a window is larger than the image', () => {
    const y = run('AvgPool', { x }, { filterSize: [9, 2], strides: 1, pad: 'valid' });
    expect(y.shape).toEqual([2, 0, 6, 2]);
    const dx = run('AvgPoolGrad', { dy: y, input: x }, { filterSize: [9, 2], strides: 1, pad: 'valid' });
    expect(transpose(dx).shape).toEqual([2, 7, 6, 2]);
    expect(sum(dx).dataSync()[0]).toBe(0);
  });
});
