import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MetricColumns } from './columns.ts';
import { CurveView } from './curve-view.ts';
import { Pyramid } from './pyramid.ts';
import { smoothed } from './smoothing.ts';

const value = fc.oneof(
  { arbitrary: fc.double({ min: -1e6, max: 1e6, noNaN: true }), weight: 20 },
  { arbitrary: fc.constantFrom(NaN, Infinity, -Infinity), weight: 1 },
);

function viewOf(
  values: ArrayLike<number>,
  steps: (index: number) => number = (index) => index + 1,
  before?: CurveView,
) {
  const columns = new MetricColumns();
  for (let index = 0; index < values.length; index++)
    columns.add({ step: steps(index), epoch: 1, time: index, split: 'train', metrics: [['loss', values[index]!]] });
  return new CurveView(columns, columns.curves.get('train/loss')!, 'step', before);
}
const whole = { axis: 'step', from: -Infinity, to: Infinity, smoothing: 0, hasEdges: false } as const;

describe('Pyramid', () => {
  it('finds the extremes of any range, also after it has grown', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 3000, size: 'max' }), fc.nat(), fc.nat(), fc.nat(), (list, a, b, c) => {
        const values = Float64Array.from(list);
        const cut = c % (list.length + 1);
        const pyramid = new Pyramid(values, new Pyramid(values.subarray(0, cut)));
        const [start, end] = [a % (list.length + 1), b % (list.length + 1)].sort((x, y) => x - y) as [number, number];
        const { min, max, gap } = pyramid.extremes(start, end);
        const part = list.slice(start, end);
        const finite = part.filter(Number.isFinite);
        if (finite.length === 0) expect([min, max]).toEqual([-1, -1]);
        else {
          expect(values[min]).toBe(finite.reduce((x, y) => Math.min(x, y)));
          expect(values[max]).toBe(finite.reduce((x, y) => Math.max(x, y)));
          expect(min >= start && min < end && max >= start && max < end).toBe(true);
        }
        const found = part.findIndex((each) => !Number.isFinite(each));
        expect(gap).toBe(found < 0 ? -1 : start + found);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a thinned curve', () => {
  it('loses no spike, and has at most four points and a gap for each pixel', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 500, max: 5000 }),
        fc.integer({ min: 1, max: 120 }),
        fc.array(fc.tuple(fc.nat(), fc.oneof(fc.double({ min: 1e3, max: 1e9, noNaN: true }), fc.constant(NaN))), {
          maxLength: 20,
        }),
        (length, pixels, spikes) => {
          const values = Float64Array.from({ length }, (_, index) => Math.sin(index));
          for (const [place, height] of spikes) values[place % length] = height;
          const { x, y, gaps } = viewOf(values).data({ ...whole, pixels });
          expect(x.length).toBeLessThanOrEqual(5 * Math.max(pixels, length <= 4 * pixels ? pixels : 0));
          const finite = values.filter(Number.isFinite);
          const shown = y.filter((each) => each !== null);
          expect(shown.reduce((a, b) => Math.max(a, b))).toBe(finite.reduce((a, b) => Math.max(a, b)));
          expect(shown.reduce((a, b) => Math.min(a, b))).toBe(finite.reduce((a, b) => Math.min(a, b)));
          // Each pixel shows its own extremes: a spike is the largest value of its pixel, or a larger one is shown.
          const width = (length - 1) / pixels;
          const pixelOf = (step: number): number => Math.min(pixels - 1, Math.floor((step - 1) / width + 1e-9));
          const shownMax = new Map<number, number>();
          x.forEach((step, index) => {
            const pixel = pixelOf(step);
            shownMax.set(pixel, Math.max(shownMax.get(pixel) ?? -Infinity, y[index] ?? -Infinity));
          });
          const lost = values.findIndex((each, index) => {
            const near = [-1, 0, 1].map((step) => shownMax.get(pixelOf(index + 1) + step) ?? -Infinity);
            return Number.isFinite(each) && Math.max(near[0]!, near[1]!, near[2]!) < each;
          });
          expect(lost).toBe(-1);
          expect(gaps.length > 0).toBe(values.some(Number.isNaN));
          expect(x).toEqual([...x].sort((a, b) => a - b));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is the whole curve where it is short, with gaps marked', () => {
    const { x, y, gaps, total } = viewOf([1, NaN, Infinity, -Infinity, 2]).data({ ...whole, pixels: 100 });
    expect([x, y, total]).toEqual([[1, 2, 3, 4, 5], [1, null, null, null, 2], 5]);
    expect(gaps.map((gap) => gap.value)).toEqual(['NaN', 'Infinity', '-Infinity']);
  });

  it('takes a part, with the neighbors that lead to its edges', () => {
    const view = viewOf([0, 1, 2, 3, 4, 5]);
    expect(view.data({ ...whole, from: 3, to: 4, pixels: 10 }).x).toEqual([3, 4]);
    expect(view.data({ ...whole, from: 3, to: 4, pixels: 10, hasEdges: true }).x).toEqual([2, 3, 4, 5]);
    expect(view.data({ ...whole, from: 70, to: 80, pixels: 10 }).x).toEqual([]);
  });

  it('is sorted where the steps are not', () => {
    const { x, y } = viewOf([0, 1, 2, 3], (index) => [4, 1, 3, 2][index]!).data({ ...whole, pixels: 10 });
    expect([x, y]).toEqual([
      [1, 2, 3, 4],
      [1, 3, 2, 0],
    ]);
  });

  it('is smoothed before it is thinned: the average is that of all values', () => {
    const values = Float64Array.from({ length: 10_000 }, (_, index) => (index % 2 === 0 ? 0 : 10));
    const { smooth } = viewOf(values).data({ ...whole, pixels: 10, smoothing: 0.999 });
    for (const each of smooth!.slice(10)) expect(each).toBeCloseTo(5, 0);
    const full = smoothed(values, 0.999);
    expect(smooth!.at(-1)).toBe(full.at(-1));
  });
});

describe('smoothed', () => {
  it('is the average of equal values, and passes over what is no number', () => {
    expect([...smoothed(Float64Array.of(3, 3, NaN, 3), 0.9)].map((each) => Number(each.toFixed(9)))).toEqual([
      3, 3, 3, 3,
    ]);
    expect([...smoothed(Float64Array.of(NaN, 1, 2), 0.5)]).toEqual([NaN, 1, expect.closeTo(5 / 3, 9)]);
  });
});
