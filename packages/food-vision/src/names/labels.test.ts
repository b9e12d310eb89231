import { UserError } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { parseLabels, phraseOf, withArticle } from './labels.ts';

describe('labels', () => {
  it('are parts between commas', () => {
    expect(parseLabels(' pizza,steak ,  fish  and chips,')).toEqual(['pizza', 'steak', 'fish and chips']);
  });

  it.each([
    ['', 'expected two labels or more'],
    ['pizza', 'expected two labels or more with commas between them, "pizza, steak, sushi", found "pizza"'],
    ['pizza, steak, Pizza', 'expected each label once, found "Pizza" twice'],
    [`pizza, ${'x'.repeat(201)}`, 'at most 200 characters'],
    [Array.from({ length: 10_001 }, (_, index) => index).join(), 'at most 10000, found 10001'],
  ])('%.20s is refused', (list, message) => {
    expect(() => parseLabels(list)).toThrow(UserError);
    expect(() => parseLabels(list)).toThrow(message);
  });

  it('name a thing', () => {
    expect(phraseOf('A “Fuji” apple.')).toBe('Fuji apple');
    expect(phraseOf('An albino peahen (a female peafowl, or peacock).')).toBe('albino peahen');
    expect(phraseOf('Eat your broccoli!')).toBe('Eat your broccoli');
    expect(phraseOf('the')).toBe('the');
    expect(phraseOf('(?)')).toBe('(?)');
    expect([withArticle('apple'), withArticle('pizza')]).toEqual(['an apple', 'a pizza']);
  });
});
