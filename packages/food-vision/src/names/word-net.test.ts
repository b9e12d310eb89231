import { describe, expect, it } from 'vitest';
import { imageNetSynsets } from './imagenet.ts';
import { openWordNet } from './open-word-net.ts';
import { parseMeanings, parseSenses } from './word-net.ts';

const wordNet = await openWordNet();

describe('WordNet', () => {
  it('reads the format of its files', () => {
    const line =
      '07889783 13 n 02 pizza 0 pizza_pie 1 003 @ 07570371 n 0000 @i 00000002 n 0000 ~ 07889942 n 0000 | Italian open pie; "a slice of pizza"; hot  ';
    expect([...parseMeanings(`  1 a license  \n${line}\n`).values()]).toEqual([
      {
        offset: 7889783,
        nouns: ['pizza', 'pizza pie'],
        gloss: 'Italian open pie',
        parents: [7570371, 2],
      },
    ]);
    expect(parseSenses('  1 a license  \npizza_pie n 1 2 @ ~ 1 1 07889783  \n')).toEqual(
      new Map([['pizza pie', [7889783]]]),
    );
  });

  it('finds meanings, the usual first, and what is more general', () => {
    const [pizza] = wordNet.senses('Pizza');
    expect(pizza!.nouns).toEqual(['pizza', 'pizza pie']);
    const [food] = wordNet.senses('food');
    const ancestors = wordNet.ancestors(pizza!.offset);
    expect([...ancestors][0]).toEqual([pizza!.offset, 0]);
    expect(ancestors.get(food!.offset)).toBe(3);
    expect(wordNet.senses('no such noun')).toEqual([]);
    expect(() => wordNet.meaning(1)).toThrow(RangeError);
  });

  it("has all of ImageNet's classes, each once", () => {
    const names = imageNetSynsets.map((offset) => wordNet.meaning(offset).nouns[0]);
    expect(new Set(imageNetSynsets).size).toBe(1000);
    expect([names[0], names[963], names[999]]).toEqual(['tench', 'pizza', 'toilet tissue']);
  });
});
