import { describe, expect, it } from 'vitest';
import { ConfigError, UserError, printable, printableText, shown } from './errors.ts';

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
    const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
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

it('a text of several lines keeps its lines', () => {
  expect(printableText('a\tb\r\n\u001b[2J\u009bc\n')).toBe('a\tb\\r\n\\u001b[2J\\u009bc\n');
  expect(printableText('\u05d0\u200f\u2028👍')).toBe('\u05d0\u200f\u2028👍');
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

  it('formats nothing of a text whose name took all the room', () => {
    // JSON of Node's longest string would be longer than that.
    const longest = 'x'.repeat(2 ** 29 - 24);
    expect(shown({ ['y'.repeat(100)]: longest })).toBe(`{"${'y'.repeat(75)}...`);
  });

  it('escapes every control character and line end', () => {
    expect(shown('\u001b\u007f\u009b\u2028é')).toBe(String.raw`"\u001b\u007f\u009b\u2028é"`);
  });

  it('formats values that JSON lacks', () => {
    expect(shown([2n ** 70n, NaN])).toBe('[1180591620717411303424,NaN]');
    expect(shown(undefined)).toBe('undefined');
  });
});

it("a user's error is one printable line, whatever it quotes", () => {
  const name = 'a\u001b]0;title\u0007\nb';
  expect(new UserError(`${name}: expected a file`).message).toBe('a\\u001b]0;title\\u0007\\nb: expected a file');
  expect(new ConfigError('y'.repeat(5000)).message).toHaveLength(2000);
  const cause = new Error('why');
  expect(new UserError('what', { cause }).cause).toBe(cause);
});
