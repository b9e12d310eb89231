import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../random/random-stream.ts';
import { englishGrammar, Grammar, type GrammarRules } from './grammar.ts';

const random = RandomStream.fromSeed(61);
/** A finite grammar, whose sentences can be enumerated. */
const SMALL: GrammarRules = {
  S: [
    ['A B', 3],
    ['B', 1],
  ],
  A: ['x', ['y', 4], 'z z'],
  B: [
    ['u', 1],
    ['A v', 2],
  ],
};

/** Every sentence with its probability, one entry per derivation. */
function sentences(rules: GrammarRules, symbols: readonly string[]): [string, number][] {
  const [first, ...rest] = symbols;
  if (first === undefined) return [['', 1]];
  const choices = rules[first]?.map((choice) => (typeof choice === 'string' ? ([choice, 1] as const) : choice));
  const sum = (choices ?? []).reduce((total, [, weight]) => total + weight, 0);
  const starts: [string, number][] = choices?.flatMap(([text, weight]) =>
    sentences(rules, text.split(' ')).map(([words, p]): [string, number] => [words, (p * weight) / sum]),
  ) ?? [[first, 1]];
  return starts.flatMap(([words, p]) =>
    sentences(rules, rest).map(([after, q]): [string, number] => [`${words} ${after}`.trim(), p * q]),
  );
}

describe('Grammar', () => {
  const all = sentences(SMALL, ['S']);
  const grammar = new Grammar(SMALL, 'S');

  it('has the entropy and expected length of its enumerated sentences', () => {
    expect(new Set(all.map(([words]) => words)).size).toBe(all.length);
    expect(all.reduce((sum, [, p]) => sum + p, 0)).toBeCloseTo(1, 12);
    expect(grammar.entropyInNats).toBeCloseTo(-all.reduce((sum, [, p]) => sum + p * Math.log(p), 0), 12);
    const length = all.reduce((sum, [words, p]) => sum + p * words.split(' ').length, 0);
    expect(grammar.expectedLength).toBeCloseTo(length, 12);
    expect(grammar.entropyPerTokenInNats).toBeCloseTo(grammar.entropyInNats / (length + 1), 12);
    expect(grammar.words).toEqual(['u', 'v', 'x', 'y', 'z']);
  });

  it('draws each sentence with its probability', () => {
    const counts = new Map<string, number>();
    const total = 20_000;
    for (let index = 0; index < total; index++) {
      const words = grammar.draw(random.fork(index)).join(' ');
      counts.set(words, (counts.get(words) ?? 0) + 1);
    }
    expect([...counts.keys()].every((words) => all.some(([each]) => each === words))).toBe(true);
    const square = all.reduce((sum, [words, p]) => sum + ((counts.get(words) ?? 0) - total * p) ** 2 / (total * p), 0);
    // χ² with 15 degrees of freedom exceeds 37.7 with probability 0.001.
    expect(all).toHaveLength(16);
    expect(square).toBeLessThan(37.7);
  });

  it('supports terminating recursion: a geometric distribution', () => {
    const endless = new Grammar(
      {
        S: [
          ['a S', 3],
          ['a', 1],
        ],
      },
      'S',
    );
    expect(endless.expectedLength).toBeCloseTo(4, 9);
    const entropy = -0.75 * Math.log(0.75) - 0.25 * Math.log(0.25);
    expect(endless.entropyInNats).toBeCloseTo(4 * entropy, 9);
    const lengths = Array.from({ length: 4000 }, (_, index) => endless.draw(random.fork(index)).length);
    expect(lengths.reduce((sum, length) => sum + length, 0) / 4000).toBeCloseTo(4, 0.5);
  });

  it('refuses infinite recursion, an unknown start and invalid weights', () => {
    expect(() => new Grammar({ S: [['S S', 3], 'a'] }, 'S')).toThrow('expected sentences of finite length');
    expect(() => new Grammar({ S: ['a'] }, 'T')).toThrow('expected a rule for the start "T"');
    expect(() => new Grammar({ S: [['a', 0]] }, 'S')).toThrow('symbol "S": expected choices with weights above 0');
    expect(() => new Grammar({ S: [] }, 'S')).toThrow('symbol "S"');
  });
});

describe('englishGrammar', () => {
  const english = englishGrammar();

  it('makes verbs agree with their subjects, near and far', () => {
    const nouns = ['dog', 'cat', 'bird', 'teacher', 'child', 'farmer'];
    const transitive = ['see', 'like', 'follow', 'hear'];
    const verbs = [...transitive, 'sleep', 'run', 'sing', 'wait'];
    let [far, disagreements] = [0, 0];
    for (let index = 0; index < 2000; index++) {
      const words = english.draw(random.fork(index));
      let place = 0;
      const verb = (isOne: boolean): string => {
        const word = words[place++]!;
        if (verbs.includes(word) === isOne) disagreements++;
        return word.replace(/s$/, '');
      };
      const predicate = (isOne: boolean): void => {
        if (transitive.includes(verb(isOne))) nounPhrase();
      };
      /** Reads a noun phrase. Returns whether it is singular. */
      const nounPhrase = (): boolean => {
        while (!nouns.some((noun) => words[place]!.startsWith(noun))) place++;
        const isOne = nouns.includes(words[place++]!);
        if (words[place] !== 'that') return isOne;
        place++;
        if (verbs.includes(words[place]!.replace(/s$/, ''))) predicate(isOne);
        else verb(nounPhrase());
        far++;
        return isOne;
      };
      predicate(nounPhrase());
      expect(words.slice(place)).toEqual(['.']);
    }
    expect(disagreements).toBe(0);
    expect(far).toBeGreaterThan(200);
  });

  it('has the stated length, word frequencies and bounds on entropy', () => {
    // Mean sentence length, and the frequency of a common opening.
    const total = 40_000;
    const counts = new Map<string, number>();
    let words = 0;
    for (let index = 0; index < total; index++) {
      const sentence = english.draw(random.fork(index));
      words += sentence.length;
      const opening = sentence.slice(0, 2).join(' ');
      counts.set(opening, (counts.get(opening) ?? 0) + 1);
    }
    expect(words / total / english.expectedLength).toBeCloseTo(1, 1.3);
    // P("the dogs"): plural ½, article ½, no adjective 0.8, one of six nouns.
    expect(counts.get('the dogs')! / total).toBeCloseTo((0.5 * 0.5 * 0.8) / 6, 2.5);
    expect(english.entropyInNats).toBeGreaterThan(8);
    expect(english.entropyPerTokenInNats).toBeLessThan(Math.log(english.words.length + 1));
  });
});
