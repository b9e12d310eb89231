import { describe, expect, it } from 'vitest';
import { lettersOf, transcriptOf } from './transcripts.ts';

describe('transcriptOf', () => {
  it.each([
    ['english', "It's — “HARD-boiled”, isn’t it?!", "it's hard boiled isn't it"],
    ['english', "'quoted' and loose ' ones", "'quoted' and loose ones"],
    ['czech', 'Co je to za divnou loď?', 'co je to za divnou loď'],
    ['czech', 'Ďa\u0301bel Řekl: „NE“…', 'ďábel řekl ne'],
    ['czech', "Pink Floyd's", 'pink floyds'],
    ['dutch', "'t Is zo'n één-tweetje.", "'t is zo'n één tweetje"],
  ] as const)('%s: %s', (language, line, text) => {
    expect(transcriptOf(line, language)).toEqual({ text });
  });

  it.each([
    ['english', '2 fish', 'digits'],
    ['english', 'one ½', 'digits'],
    ['english', 'A%one', 'markup'],
    ['english', 'diff <one>', 'markup'],
    ['english', 'Å', 'letters'],
    ['czech', 'товарищи', 'letters'],
    ['english', '... !', 'no text'],
    ['english', '', 'no text'],
  ] as const)('%s: %s is refused', (language, line, reason) => {
    expect(transcriptOf(line, language)).toEqual({ reason });
  });
});

it('lettersOf sorts the letters in use as the alphabet does', () => {
  expect(lettersOf(['žena', 'a ďas'], 'czech')).toBe(' aďensž');
});
