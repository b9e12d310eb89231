import { describe, expect, it } from 'vitest';
import { UserError } from '../config/errors.ts';
import { Budget } from './budget.ts';
import { parseJson } from './json.ts';
import { isSizes, sizeOf } from './shapes.ts';

describe('the budget of a reader', () => {
  const budget = () => new Budget('a.bin', 'tensors', { steps: 10, bytes: 100, depth: 2 });

  it('allows what is within its limits', () => {
    const within = budget();
    within.step(9);
    within.step();
    within.hold(100);
    within.descend(2);
  });

  it.each([
    [
      (each: Budget) => {
        each.step(11);
      },
      'a.bin: expected tensors in proportion to the file: at most 10 steps',
    ],
    [
      (each: Budget) => {
        each.hold(101);
      },
      'a.bin: expected tensors in proportion to the file: at most 100 bytes',
    ],
    [
      (each: Budget) => {
        each.hold(NaN);
      },
      'at most 100 bytes, found more',
    ],
    [
      (each: Budget) => {
        each.hold(Infinity);
      },
      'at most 100 bytes, found more',
    ],
    [
      (each: Budget) => {
        each.step(NaN);
      },
      'at most 10 steps',
    ],
    [
      (each: Budget) => {
        each.descend(3);
      },
      'a.bin: expected tensors nested at most 2 levels deep, found more',
    ],
  ])('refuses more (%#)', (spend, message) => {
    expect(() => {
      spend(budget());
    }).toThrow(UserError);
    expect(() => {
      spend(budget());
    }).toThrow(message);
  });

  it('grows with the file, from a floor, up to a ceiling', () => {
    const mebibyte = 2 ** 20;
    const allowed = (bytes: number, fileBytes: number, most?: number) => () => {
      Budget.forFile('a', 'b', fileBytes, most).hold(bytes);
    };
    expect(allowed(64 * mebibyte, 0)).not.toThrow();
    expect(allowed(64 * mebibyte + 1, 0)).toThrow();
    expect(allowed(1600 * mebibyte, 100 * mebibyte)).not.toThrow();
    expect(allowed(1600 * mebibyte, 100 * mebibyte, mebibyte)).toThrow();
  });
});

describe('shapes', () => {
  it('sizes are products, 0 with any size of 0, and never NaN', () => {
    expect(sizeOf([])).toBe(1);
    expect(sizeOf([2, 3, 4])).toBe(24);
    const huge = new Array<number>(20).fill(Number.MAX_SAFE_INTEGER);
    expect(sizeOf(huge)).toBe(Infinity);
    expect(sizeOf([...huge, 0])).toBe(0);
  });

  it.each([[[0, 1]], [[]]])('%j is a list of sizes', (value) => {
    expect(isSizes(value)).toBe(true);
  });

  it.each([[[-1]], [[0.5]], [['1']], ['1'], [null], [[2 ** 53]]])('%j is none', (value) => {
    expect(isSizes(value)).toBe(false);
  });
});

describe('JSON from outside', () => {
  const parse = (text: string) => parseJson(text, 'a.json', 'a summary');

  it('is what JSON.parse makes of it', () => {
    const text = JSON.stringify({ a: ['[{,', '"\\"', { b: null }], __proto__: 1, 'c\\': -1.5e3 });
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it('brackets in strings are no nesting', () => {
    expect(parse(`"${'['.repeat(1000)}"`)).toBe('['.repeat(1000));
    expect(parse(`["${'\\"['.repeat(100)}"]`)).toEqual(['"['.repeat(100)]);
  });

  it.each(['[', '{"a":'])('200,000 levels of %s are refused', (level) => {
    expect(() => parse(level.repeat(200_000))).toThrow(
      new UserError('a.json: expected a summary nested at most 64 levels deep, found more'),
    );
  });

  it('values far larger than their text are refused', () => {
    expect(() => parse(`[${'{},'.repeat(2 ** 21)}{}]`)).toThrow('in proportion to the file');
  });

  it('other text is refused', () => {
    expect(() => parse('{"a": 1')).toThrow(new UserError('a.json: expected a summary in JSON, found damaged text'));
  });
});
