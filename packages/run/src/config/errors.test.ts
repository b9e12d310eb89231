import { describe, expect, it } from 'vitest';
import { ConfigError, UserError, printable, shown } from './errors.ts';

describe('a text from outside', () => {
  it('is escaped where a terminal would obey it, and nowhere else', () => {
    expect(printable('a\u001b[31mb\u0007\u009b2J\u007f\r\n\t')).toBe('a\\u001b[31mb\\u0007\\u009b2J\\u007f\\r\\n\\t');
    expect(printable('\u202egnp.exe\u2066\u2028\u2029\u0085\ufeff')).toBe(
      '\\u202egnp.exe\\u2066\\u2028\\u2029\\u0085\\ufeff',
    );
    expect(printable('half \ud83d of a pair')).toBe('half \\ud83d of a pair');
    const plain = 'naïve "日本" 👍🏽 👩‍🚀 C:\\a b/ü.png';
    expect(printable(plain)).toBe(plain);
  });

  it('leaves no control character of the first 256, whatever comes', () => {
    const all = String.fromCharCode(...Array.from({ length: 256 }, (_, code) => code));
    const text = printable(all);
    const codes = Array.from(text, (_, index) => text.charCodeAt(index));
    expect(codes.filter((code) => code < 32 || (code >= 127 && code < 160))).toEqual([]);
  });

  it('is cut at its length, between characters', () => {
    expect(printable('x'.repeat(50), 50)).toBe('x'.repeat(50));
    expect(printable('x'.repeat(51), 50)).toBe(`${'x'.repeat(47)}...`);
    expect(printable('\u0000'.repeat(9), 20)).toBe('\\u0000\\u0000\\u000...');
    expect(printable(`${'x'.repeat(46)}👍👍👍`, 50)).toBe(`${'x'.repeat(46)}...`);
    expect(printable('x'.repeat(2 ** 20))).toHaveLength(2000);
  });
});

describe('a value from outside', () => {
  it.each([
    ['a\u001b"b', '"a\\u001b\\"b"'],
    ['\u009b\u202e', '"\\u009b\\u202e"'],
    ['x'.repeat(100), `"${'x'.repeat(76)}...`],
    [{ '\u0007': ['\u0085'] }, '{"\\u0007":["\\u0085"]}'],
    [undefined, 'undefined'],
    [NaN, 'NaN'],
  ])('%j is shown as %s', (value, text) => {
    expect(shown(value)).toBe(text);
  });

  it('is named by its kind where it cannot be written out', () => {
    let deep: unknown = [];
    for (let depth = 0; depth < 200_000; depth++) deep = [deep];
    expect(shown(deep)).toBe('a list');
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect(shown(circle)).toBe('an object');
  });
});

it("a user's error is one printable line, whatever it quotes", () => {
  const name = 'a\u001b]0;title\u0007\nb';
  expect(new UserError(`${name}: expected a file`).message).toBe('a\\u001b]0;title\\u0007\\nb: expected a file');
  expect(new ConfigError('y'.repeat(5000)).message).toHaveLength(2000);
  const cause = new Error('why');
  expect(new UserError('what', { cause }).cause).toBe(cause);
});
