import { RandomNumbers } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { clausesOf } from './clauses.ts';
import { drawTexts, type TextCounts, type TextSources } from './draw-texts.ts';
import { isPlainText } from './plain-text.ts';
import { speechGrammar, speechRules } from './speech-grammar.ts';
import { spokenWords } from './spoken-words.ts';

/** Number of derivations of a sentence, and the probability of all of them, by trying every production. */
function parse(sentence: string): { readonly derivations: number; readonly probability: number } {
  const words = sentence.split(' ');
  interface Way {
    readonly end: number;
    readonly derivations: number;
    readonly probability: number;
  }
  const known = new Map<string, Way[]>();
  const waysOf = (symbol: string, start: number): Way[] => {
    const choices = speechRules[symbol];
    if (choices === undefined)
      return words[start] === symbol ? [{ end: start + 1, derivations: 1, probability: 1 }] : [];
    const key = `${symbol} ${start}`;
    const before = known.get(key);
    if (before !== undefined) return before;
    const weighted = choices.map((choice) => (typeof choice === 'string' ? ([choice, 1] as const) : choice));
    const total = weighted.reduce((sum, [, weight]) => sum + weight, 0);
    const found = weighted.flatMap(([symbols, weight]) =>
      symbols.split(' ').reduce<Way[]>(
        (ways, each) =>
          ways.flatMap((way) =>
            waysOf(each, way.end).map((next) => ({
              end: next.end,
              derivations: way.derivations * next.derivations,
              probability: way.probability * next.probability,
            })),
          ),
        [{ end: start, derivations: 1, probability: weight / total }],
      ),
    );
    known.set(key, found);
    return found;
  };
  const whole = waysOf('S', 0).filter(({ end }) => end === words.length);
  return {
    derivations: whole.reduce((sum, way) => sum + way.derivations, 0),
    probability: whole.reduce((sum, way) => sum + way.probability, 0),
  };
}

describe('the grammar', () => {
  it('has the entropy that its sentences show, and one derivation for each', () => {
    const grammar = speechGrammar();
    const random = RandomNumbers.fromSeed(5);
    const count = 1500;
    const bits = Array.from({ length: count }, () => {
      const { derivations, probability } = parse(grammar.draw(random).join(' '));
      expect(derivations).toBe(1);
      return -Math.log2(probability);
    });
    const mean = bits.reduce((sum, each) => sum + each, 0) / count;
    const deviation = Math.sqrt(bits.reduce((sum, each) => sum + (each - mean) ** 2, 0) / count);
    const entropyInBits = grammar.entropyInNats / Math.LN2;
    expect(entropyInBits).toBeCloseTo(18.25, 1);
    expect(Math.abs(mean - entropyInBits)).toBeLessThan((4 * deviation) / Math.sqrt(count));
  });

  it('has words that are read by their letters', () => {
    expect(speechGrammar().words.filter((word) => !isPlainText(word))).toEqual([]);
  });
});

describe('clauses of a book', () => {
  it('are cut at punctuation, in lower case, with apostrophes but not quotation marks', () => {
    const book =
      "Call me Ishmael. “Don’t be hasty,” said the ship's mate—'never\nmind the whale-boat!'\n\nA new part begins (here).";
    expect(clausesOf(book)).toEqual([
      'call me ishmael',
      "don't be hasty",
      "said the ship's mate",
      'never mind the whale boat',
      'a new part begins',
    ]);
  });

  it.each([
    ['two words only', 'stormy weather'],
    ['ten words', 'a b c d e f g h i j'],
    ['an abbreviation', 'so said mr peleg'],
    ['a letter that is no word', 'in the d section'],
    ['a Roman numeral', 'in chapter xii again'],
    ['a foreign letter', 'the café is open'],
    ['over 52 characters', 'notwithstanding considerable circumnavigational misapprehension'],
  ])('leave out %s', (_, clause) => {
    expect(clausesOf(`${clause}. Twice over again. Twice over again.`)).toEqual(['twice over again']);
  });
});

describe('words of a dictionary', () => {
  it('have one sound that no other word has, and a relative', () => {
    const words = {
      walk: 'W AO1 K',
      walking: 'W AO1 K IH0 NG',
      bake: 'B EY1 K',
      baked: 'B EY1 K T',
      aalseth: 'AA1 L S EH0 TH',
      dyeing: 'D AY1 IH0 NG',
      dye: 'D AY1',
      dying: 'D AY1 IH0 NG',
      close: 'K L OW1 S',
      'close(2)': 'K L OW1 Z',
      closed: 'K L OW1 Z D',
      "isn't": 'IH1 Z AH0 N T',
      hmm: 'HH M',
      hmming: 'HH M IH0 NG',
    };
    expect(spokenWords(words)).toEqual(['bake', 'baked', 'closed', 'dye', 'hmming', 'walk', 'walking']);
  });
});

describe('the texts of a corpus', () => {
  const syllables = ['ba', 'do', 'ki', 'lu', 'me', 'no', 'pa', 'ri', 'su', 'ta'];
  const wordOf = (index: number): string =>
    Array.from(String(index).padStart(4, '0'), (digit) => syllables[+digit]!).join('');
  const sources: TextSources = {
    grammar: speechGrammar(),
    clauses: Array.from({ length: 600 }, (_, index) => `${wordOf(index)} of the ${wordOf(index + 1)}`),
    words: Array.from({ length: 1200 }, (_, index) => wordOf(index)),
  };
  const counts: TextCounts = { training: 600, validation: 60, test: 60, unseenWords: 50, isolatedWords: 10, long: 4 };
  const sets = drawTexts(sources, counts, RandomNumbers.fromSeed(3));
  const textsOf = (set: readonly { readonly text: string }[]): string[] => set.map(({ text }) => text);
  const wordsOf = (...sets: readonly (readonly { readonly text: string }[])[]): Set<string> =>
    new Set(sets.flatMap((set) => textsOf(set)).flatMap((text) => text.split(' ')));

  it('have the counts asked for, a third of each kind', () => {
    const { training, validation, test, unseenWords, isolatedWords, long } = sets;
    const found = [training, validation, test, unseenWords, isolatedWords, long].map(({ length }) => length);
    expect(found).toEqual(Object.values(counts));
    expect(['grammar', 'book', 'words'].map((kind) => training.filter((each) => each.kind === kind).length)).toEqual([
      200, 200, 200,
    ]);
  });

  it('are disjoint', () => {
    const heldOut = [sets.validation, sets.test, sets.unseenWords, sets.long].flatMap((set) => textsOf(set));
    expect(new Set(heldOut).size).toBe(heldOut.length);
    const learned = new Set(textsOf(sets.training));
    expect(heldOut.filter((text) => learned.has(text))).toEqual([]);
  });

  it('keep unseen words out of all others', () => {
    const others = wordsOf(sets.training, sets.validation, sets.test, sets.long);
    const unseen = [...wordsOf(sets.unseenWords)];
    expect(unseen.length).toBeGreaterThan(50);
    expect(unseen.filter((word) => others.has(word) || sets.isolatedWords.includes(word))).toEqual([]);
  });

  it('have lists of known words in the test', () => {
    const lists = (set: readonly { readonly kind: string; readonly text: string }[]) =>
      set.filter(({ kind }) => kind === 'words');
    const learned = wordsOf(lists(sets.training));
    const held = [...wordsOf(lists(sets.validation), lists(sets.test))];
    expect(held.length).toBeGreaterThan(50);
    expect(held.filter((word) => !learned.has(word))).toEqual([]);
  });

  it('have isolated words of the training, and long texts of three times its length', () => {
    const learned = wordsOf(sets.training);
    expect(sets.isolatedWords.filter((word) => !learned.has(word))).toEqual([]);
    const longest = textsOf(sets.training).reduce((most, { length }) => Math.max(most, length), 0);
    expect(textsOf(sets.long).filter(({ length }) => length < 3 * longest)).toEqual([]);
  });

  it('depend on the seed alone', () => {
    expect(drawTexts(sources, counts, RandomNumbers.fromSeed(3))).toEqual(sets);
    expect(drawTexts(sources, counts, RandomNumbers.fromSeed(4)).test).not.toEqual(sets.test);
  });

  it.each([
    ['book: expected more clauses than 600', { ...counts, training: 3000 }, sources],
    ['dictionary: expected words inside and outside the book, found 0 words', counts, { ...sources, words: [] }],
  ])('say what they lack: %s', (message, some, from) => {
    expect(() => drawTexts(from, some, RandomNumbers.fromSeed(3))).toThrow(message);
  });
});
