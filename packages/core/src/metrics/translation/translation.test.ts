import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bleu } from './bleu.ts';
import { chrf } from './chrf.ts';
import { tokenize13a } from './tokenize-13a.ts';

interface Case {
  readonly hypotheses: readonly string[];
  readonly references: readonly (readonly string[])[];
  readonly bleu: number;
  readonly precisions: readonly number[];
  readonly brevityPenalty: number;
  readonly hypothesisLength: number;
  readonly referenceLength: number;
  readonly sentenceBleu: number;
  readonly chrf: number;
  readonly chrfPlusPlus: number;
}

/** Written by reference.py. */
const cases = JSON.parse(readFileSync(join(import.meta.dirname, 'reference.json'), 'utf8')) as readonly Case[];

describe('BLEU and chrF', () => {
  it('match sacreBLEU on 150 random texts', () => {
    for (const each of cases) {
      const { score, ...rest } = bleu(each.hypotheses, each.references);
      expect(score).toBeCloseTo(each.bleu, 9);
      const { precisions, brevityPenalty, hypothesisLength, referenceLength } = each;
      expect(rest).toEqual({
        precisions,
        brevityPenalty: expect.closeTo(brevityPenalty, 12) as number,
        hypothesisLength,
        referenceLength,
      });
      const first = bleu(each.hypotheses.slice(0, 1), each.references.slice(0, 1), { effectiveOrder: true });
      expect(first.score).toBeCloseTo(each.sentenceBleu, 9);
      expect(chrf(each.hypotheses, each.references)).toBeCloseTo(each.chrf, 9);
      expect(chrf(each.hypotheses, each.references, { wordOrder: 2 })).toBeCloseTo(each.chrfPlusPlus, 9);
    }
    expect(cases).toHaveLength(150);
  });

  it('are 100 for the reference itself and 0 for unrelated words', () => {
    const texts = ['Ein Mann reitet auf einem Pferd.', 'Sie lacht, er nicht.'];
    expect([bleu(texts, texts).score, chrf(texts, texts)]).toEqual([expect.closeTo(100), expect.closeTo(100)]);
    expect([bleu(['x y z'], ['a b c']).score, chrf(['x y z'], ['a b c'])]).toEqual([0, 0]);
  });

  it('report differing numbers of sentences', () => {
    expect(() => bleu(['a'], ['a', 'b'])).toThrow('expected as many references as hypotheses, got 2 and 1');
    expect(() => chrf(['a'], [[]])).toThrow('expected a reference for hypothesis 1, got none');
  });

  it('split words from punctuation', () => {
    expect(tokenize13a('Tom\'s 3,5-fold "gain", he said.')).toEqual([
      "Tom's",
      '3,5',
      '-',
      'fold',
      '"',
      'gain',
      '"',
      ',',
      'he',
      'said',
      '.',
    ]);
  });
});
