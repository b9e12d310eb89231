import { UserError } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { Alphabet, BEGIN, END, LANGUAGES, LETTERS, PADDING } from './alphabet.ts';

describe('an alphabet', () => {
  it('has padding, begin and end before its letters', () => {
    const english = Alphabet.of('english');
    expect([PADDING, BEGIN, END]).toEqual([0, 1, 2]);
    expect(english.size).toBe(3 + 28);
    expect([...english.ids(" 'az")]).toEqual([3, 4, 5, 30]);
    expect([english.has('q'), english.has('Q'), english.has('ž')]).toEqual([true, false, false]);
  });

  it.each(LANGUAGES)('spells and reads every letter of %s', (language) => {
    const alphabet = Alphabet.of(language);
    const ids = alphabet.ids(LETTERS[language]);
    expect(new Set(ids).size).toBe(alphabet.size - 3);
    expect(alphabet.text(ids)).toBe(LETTERS[language]);
  });

  it('reads up to the end, without special symbols', () => {
    const alphabet = new Alphabet('abc');
    expect(alphabet.text([BEGIN, 3, PADDING, 5, END, 4, END])).toBe('ac');
    expect(alphabet.text([5, 4, 3, PADDING])).toBe('cba');
    expect(alphabet.text([END])).toBe('');
  });

  it('refuses a letter that it lacks in one line, and letters that come twice', () => {
    const alphabet = new Alphabet('abc');
    expect(() => alphabet.ids('cad', 'line 3')).toThrow(
      new UserError('line 3: expected letters of "abc", found "d" in "cad"'),
    );
    expect(() => new Alphabet('aba')).toThrow(new RangeError('alphabet: expected distinct letters, got aba'));
  });
});
