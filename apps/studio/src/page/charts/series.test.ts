import fc from 'fast-check';
import { expect, it } from 'vitest';
import { endOf, extendCurve } from './curve-parts.ts';
import { toCsv, ticks } from './download.ts';
import { type Plot, traceCurve } from './draw.ts';
import { assignSlots, type ChartSeries, nearestTo, rangeOfX, rangeOfY, styleOfSlot, styleOfSplit } from './series.ts';

const series = (x: number[], y: (number | null)[]): ChartSeries => ({
  id: 'a',
  label: 'a',
  x,
  y,
  style: styleOfSplit('train'),
});

it('keeps the slot of a run, whatever is shown beside it', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 30 }), (ids) => {
      const kept = new Map<string, number>();
      const first = assignSlots(ids, kept);
      expect(new Set(first).size).toBe(ids.length);
      expect(assignSlots([...ids].reverse(), kept)).toEqual([...first].reverse());
      expect(assignSlots(['another', ...ids.slice(1)], kept).slice(1)).toEqual(first.slice(1));
    }),
    { seed: 1 },
  );
});

it('gives neighbors another color, other dashes and another marker', () => {
  for (let slot = 0; slot < 39; slot++) {
    const [a, b] = [styleOfSlot(slot), styleOfSlot(slot + 1)];
    expect([a.color === b.color, a.dash === b.dash, a.marker === b.marker]).toEqual([false, false, false]);
  }
});

it('draws every spike, however many points share a pixel', () => {
  const plot: Plot = {
    context: undefined as never,
    left: 0,
    top: 0,
    width: 200,
    height: 100,
    ratio: 1,
    x: { min: 0, max: 9999 },
    y: { min: -1000, max: 1000 },
    isLog: false,
    colors: { series: [], text: '', muted: '', grid: '', background: '' },
  };
  fc.assert(
    fc.property(fc.nat(9999), fc.double({ min: -1000, max: 1000, noNaN: true }), (at, spike) => {
      const x = Array.from({ length: 10_000 }, (_, index) => index);
      const y = x.map((index) => (index === at ? spike : 0));
      let drawn = 0;
      let points = 0;
      const take = (_: number, top: number): void => {
        points++;
        if (Math.abs(top - 50) > Math.abs(drawn)) drawn = top - 50;
      };
      traceCurve(plot, x, y, { move: take, line: take });
      expect(drawn).toBeCloseTo(-spike / 20, 9);
      expect(points).toBeLessThan(401 * 4 + 2);
    }),
    { seed: 1, numRuns: 40 },
  );
});

it('breaks the line at a gap', () => {
  const moves: number[] = [];
  const plot = {
    left: 0,
    top: 0,
    width: 3,
    height: 1,
    ratio: 1,
    x: { min: 0, max: 3 },
    y: { min: 0, max: 1 },
    isLog: false,
  } as Plot;
  traceCurve(plot, [0, 1, 2, 3], [0, null, 0, 0], { move: (x) => moves.push(x), line: () => undefined });
  expect(moves).toEqual([0, 2]);
});

it('ranges over what is seen, and over a baseline that does not flatten it', () => {
  const one = series([0, 1, 2, 3, 100], [1, 2, 3, 4, 1000]);
  expect(rangeOfX([one])).toEqual({ min: 0, max: 100 });
  const options = { isLog: false, isTrimmed: false, lines: [{ label: 'near', value: 4.5 }] };
  const seen = rangeOfY([one], { min: 0, max: 2 }, options);
  expect(seen.max).toBeGreaterThan(4.5);
  expect(rangeOfY([one], { min: 0, max: 2 }, { ...options, lines: [{ label: 'far', value: 500 }] }).max).toBeLessThan(
    5,
  );
  const many = series(
    Array.from({ length: 200 }, (_, index) => index),
    Array.from({ length: 200 }, (_, index) => (index === 100 ? 1e6 : index)),
  );
  expect(rangeOfY([many], { min: 0, max: 199 }, { ...options, isTrimmed: true }).max).toBeLessThan(300);
  expect(rangeOfY([series([0, 1], [-1, 0])], { min: 0, max: 1 }, { ...options, isLog: true })).toEqual({
    min: 0.1,
    max: 1,
  });
});

it('finds the nearest point', () => {
  expect([-5, 0.4, 0.6, 9].map((value) => nearestTo([0, 1, 2], value))).toEqual([0, 0, 1, 2]);
  expect(nearestTo([], 1)).toBe(-1);
});

it('extends a curve by its new part, which may have some of the last points again', () => {
  const part = (from: number, to: number) => {
    const x = Array.from({ length: to - from }, (_, index) => from + index);
    return { name: 'a', x, y: x.map((each) => each * 2), smooth: x.map((each) => each * 3), gaps: [], total: to };
  };
  fc.assert(
    fc.property(fc.nat(20), fc.nat(20), (end, overlap) => {
      const from = Math.max(0, end - overlap);
      expect(extendCurve(part(0, end), part(from, end + 5))).toEqual(part(0, end + 5));
    }),
    { seed: 1 },
  );
  expect(extendCurve(part(0, 3), part(3, 3)).x).toEqual([0, 1, 2]);
  expect([endOf(part(0, 3)), endOf(part(0, 0))]).toEqual([2, undefined]);
});

it('writes curves as a table that a spreadsheet does not run', () => {
  const one = { ...series([0, 1], [1, null]), label: '=cmd()', gaps: [{ x: 1, value: 'NaN' }] };
  const two = { ...series([1, 2], [3, 4]), label: 'b, "c"', raw: [5, 6] };
  expect(toCsv('step', [one, two])).toBe('step,\'=cmd(),"b, ""c""","b, ""c"" (smoothed)"\n0,1,,\n1,NaN,5,3\n2,,6,4\n');
});

it('puts ticks at round values', () => {
  expect(ticks({ min: 0, max: 1 }, 5)).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(ticks({ min: 130, max: 970 }, 4)).toEqual([500]);
});
