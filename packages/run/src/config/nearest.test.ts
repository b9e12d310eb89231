import { expect, it } from 'vitest';
import { suggestion } from './nearest.ts';

it('names the known name that is near, else lists them all', () => {
  expect(suggestion('lerningRate', ['learningRate', 'seed'])).toBe('; did you mean "learningRate"?');
  expect(suggestion('other', ['learningRate', 'seed'])).toBe('; expected one of learningRate, seed');
});

it('neither compares nor lists long names', () => {
  const long = 'x'.repeat(100_000);
  expect(suggestion(long, [`${long}y`, 'seed'])).toBe('; expected one of seed and 1 more');
});

it('lists the first hundred of many names', () => {
  const names = Array.from({ length: 100_000 }, (_, index) => `${index}`.padStart(9, '-'));
  const listed = suggestion('x', names);
  expect(listed.startsWith('; expected one of --------0, --------1, ')).toBe(true);
  expect(listed.endsWith(', -------99 and 99900 more')).toBe(true);
});

it('escapes what a terminal would obey', () => {
  expect(suggestion('aaa', ['\u001b[2Jb', 'a\nc\u202e'])).toBe('; expected one of \\u001b[2Jb, a\\nc\\u202e');
  expect(suggestion('abcde', ['abcd\u001b'])).toBe('; did you mean "abcd\\u001b"?');
});
