import { describe, expect, it } from 'vitest';
import { onOneLine, shown } from './errors.ts';

describe('values in error lines', () => {
  it.each([['a "word"\n'], [12], [null], [[1, 'two', [true, null]]], [{ a: { b: [] }, c: 'd' }], [{}], [[]]])(
    'short values are their JSON: %j',
    (value) => {
      expect(shown(value)).toBe(JSON.stringify(value));
    },
  );

  it('long values end after 80 characters', () => {
    const letters = 'x'.repeat(200);
    for (const value of [letters, Array.from(letters), { [letters]: 1 }, { letters }])
      expect(shown(value)).toBe(`${JSON.stringify(value).slice(0, 77)}...`);
  });

  it('formats only the beginning of lists that double, nest deeply or contain themselves', () => {
    let doubling: unknown = [];
    for (let level = 0; level < 90; level++) doubling = [doubling, doubling];
    let deep: unknown = 1;
    for (let level = 0; level < 200_000; level++) deep = [deep];
    const endless: unknown[] = [];
    endless.push(endless, endless);
    for (const value of [doubling, deep, endless]) expect(shown(value)).toBe(`${'['.repeat(77)}...`);
  });

  it('escapes every control character and line end', () => {
    expect(shown('\u001b\u007f\u009b\u2028é')).toBe(String.raw`"\u001b\u007f\u009b\u2028é"`);
  });

  it('texts from files stay as they are where they print on one line', () => {
    expect(onOneLine('größe 🙂 "x"')).toBe('größe 🙂 "x"');
    expect(onOneLine('a\nb')).toBe(String.raw`"a\nb"`);
    expect(onOneLine('x'.repeat(1000)).length).toBe(80);
  });

  it('formats values that JSON lacks', () => {
    expect(shown([2n ** 70n, NaN])).toBe('[1180591620717411303424,NaN]');
    expect(shown(undefined)).toBe('undefined');
  });
});
