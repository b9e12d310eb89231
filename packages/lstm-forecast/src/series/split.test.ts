import { UserError } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { checkLengths, forecastStarts, splitByTime } from './split.ts';

const series = { name: 'counted', length: 100 };

describe('splitByTime', () => {
  it('gives three consecutive parts', () => {
    expect(splitByTime(series, { validation: 0.2, test: 0.1 })).toEqual({
      training: { from: 0, to: 70 },
      validation: { from: 70, to: 90 },
      test: { from: 90, to: 100 },
    });
  });

  it('refuses an empty part', () => {
    expect(() => splitByTime({ name: 'counted', length: 2 })).toThrow(
      new UserError('series counted: expected steps for training, validation (0.15) and test (0.15), got 2 steps'),
    );
    expect(() => splitByTime(series, { validation: 0.6, test: 0.5 })).toThrow(UserError);
  });
});

describe('forecastStarts', () => {
  it('keeps targets within the span, while windows may begin before it', () => {
    const span = { from: 70, to: 90 };
    const starts = forecastStarts(span, { horizon: 5, window: 30 }, series);
    expect([starts[0], starts.at(-1), starts.length]).toEqual([70, 85, 16]);
    expect([...forecastStarts(span, { horizon: 5, stride: 7 }, series)]).toEqual([70, 77, 84]);
    expect(forecastStarts({ from: 0, to: 70 }, { horizon: 5, window: 30 }, series)[0]).toBe(30);
  });

  it('covers every step of a span if the stride is the horizon', () => {
    const starts = forecastStarts({ from: 10, to: 22 }, { horizon: 4, stride: 4 }, series);
    expect([...starts].flatMap((start) => [start, start + 1, start + 2, start + 3])).toEqual(
      Array.from({ length: 12 }, (_, step) => 10 + step),
    );
  });

  it('refuses a series that is too short', () => {
    expect(() => forecastStarts({ from: 0, to: 20 }, { horizon: 5, window: 16 }, series)).toThrow(
      new UserError(
        'series counted, steps 0 to 20: expected 16 steps to read before a forecast and 5 to forecast within them, got 20 and 20',
      ),
    );
    expect(forecastStarts({ from: 0, to: 21 }, { horizon: 5, window: 16 }, series)).toHaveLength(1);
  });
});

describe('checkLengths', () => {
  const needed = { window: 8, horizon: 6, firstCompleteStep: 3 };
  it('tells the least length, from which on every part has a forecast', () => {
    const shares = { validation: 0.2, test: 0.1 };
    expect(() => {
      checkLengths({ name: 'short', length: 40 }, shares, needed);
    }).toThrow(
      new UserError(
        'series short: too short: expected at least 56 steps for a window of 8, a horizon of 6, lags of 3 and the validation and test parts, got 40',
      ),
    );
    for (const length of [55, 56, 57, 100]) {
      const { training, validation, test } = splitByTime({ name: 'long', length }, shares);
      const lengths = [training.to - 11 - 3, validation.to - validation.from, test.to - test.from];
      const isLongEnough = lengths.every((steps) => steps >= 6);
      const checking = (): void => {
        checkLengths({ name: 'long', length }, shares, needed);
      };
      if (isLongEnough) expect(checking).not.toThrow();
      else expect(checking).toThrow('too short');
    }
  });
});
