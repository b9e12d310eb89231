import { UserError } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../random/random-stream.ts';
import { Scaler } from './scalers.ts';

// Two columns: 1, 2, 3, 4, 100 and 10, missing, 30, 20, 40.
const table = [1, 10, 2, NaN, 3, 30, 4, 20, 100, 40];

describe('Scaler', () => {
  // Reference: scikit-learn 1.9.1, StandardScaler, MinMaxScaler and RobustScaler on the same table, with `mean_`,
  // `scale_`, `data_min_`, `data_range_`, `center_` and `scale_`.
  it.each([
    ['standard', [22, 25], [39.01281840626232, 11.180339887498949]],
    ['min-max', [1, 10], [99, 30]],
    ['robust', [3, 25], [2, 15]],
  ] as const)('learns what scikit-learn learns: %s', (kind, offsets, scales) => {
    const scaler = Scaler.fit(kind, table, 2);
    for (const [index, offset] of offsets.entries()) expect(scaler.offsets[index]).toBeCloseTo(offset, 12);
    for (const [index, scale] of scales.entries()) expect(scaler.scales[index]).toBeCloseTo(scale, 12);
  });

  it.each(['standard', 'min-max', 'robust'] as const)('%s: inverts, even restored from JSON, and keeps NaN', (kind) => {
    const values = RandomStream.fromSeed(1).normalValues(300, 5, 20);
    values[7] = NaN;
    const scaler = Scaler.fromJSON(JSON.parse(JSON.stringify(Scaler.fit(kind, values, 3))));
    const scaled = scaler.transform(values);
    expect(scaled[7]).toBeNaN();
    const back = scaler.inverse(scaled);
    for (const [index, value] of values.entries())
      if (index === 7) expect(back[index]).toBeNaN();
      else expect(back[index]).toBeCloseTo(value, 3);
  });

  it('scales training rows to mean 0 and standard deviation 1, and other rows by the same statistics', () => {
    const training = RandomStream.fromSeed(2).normalValues(10_000, -3, 0.5);
    const scaler = Scaler.fit('standard', training, 1);
    const scaled = scaler.transform(training);
    expect(scaled.reduce((sum, value) => sum + value, 0) / scaled.length).toBeCloseTo(0, 5);
    expect(scaled.reduce((sum, value) => sum + value ** 2, 0) / scaled.length).toBeCloseTo(1, 5);
    const other = (7 - scaler.offsets[0]!) / scaler.scales[0]!;
    expect(scaler.transform([7])[0]).toBeCloseTo(other, 4);
  });

  it('scales a constant column to 0 despite the rounding of its mean', () => {
    const values = new Float64Array(1001).fill(0.1 + 1e6);
    for (const kind of ['standard', 'min-max', 'robust'] as const) {
      const scaler = Scaler.fit(kind, values, 1);
      expect(scaler.scales).toEqual([1]);
      expect(scaler.transform(values).every((value) => Math.abs(value) < 1e-6)).toBe(true);
    }
  });

  it('selects a subset of columns', () => {
    const scaler = Scaler.fit('min-max', table, 2);
    expect(scaler.select([1]).inverse([0, 1])).toEqual(Float32Array.of(10, 40));
    expect(() => scaler.select([2])).toThrow('scaler: expected a column below 2, got 2');
  });

  it('refuses invalid training data', () => {
    expect(() => Scaler.fit('standard', [], 2)).toThrow(new RangeError('scaler: expected at least one row, got none'));
    expect(() => Scaler.fit('standard', [1, 2, 3], 2)).toThrow('scaler: expected rows of 2 values, got 3 values');
    expect(() => Scaler.fit('robust', [1, NaN, 2, NaN], 2)).toThrow(
      new UserError('scaler: column 1: expected values, found only NaN'),
    );
    expect(() => Scaler.fit('robust', [1, 2, 3, Infinity], 2)).toThrow(
      new UserError('scaler: row 1, column 1: expected a finite number or NaN, found Infinity'),
    );
    expect(() => Scaler.fit('standard', table, 2).transform([1])).toThrow('expected rows of 2 values, got 1 values');
  });

  it.each([
    [null],
    [{ kind: 'standard', offsets: [1], scales: [0] }],
    [{ kind: 'standard', offsets: [1, 2], scales: [1] }],
    [{ kind: 'other', offsets: [1], scales: [1] }],
    [{ kind: 'robust', offsets: [null], scales: [1] }],
  ])('refuses the state %j', (state) => {
    expect(() => Scaler.fromJSON(state)).toThrow(UserError);
    expect(() => Scaler.fromJSON(state)).toThrow('scaler: expected kind, offsets and positive scales');
  });
});
