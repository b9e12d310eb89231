import { RandomNumbers } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { arpa } from './arpa.ts';
import { likeliestSentence } from './likeliest-sentence.ts';
import { SentenceModel } from './sentence-model.ts';

/** Sentences of a chain: letters follow some others more often. */
function drawSentences(count: number, letters = 'abcd', seed = 3): string[][] {
  const random = RandomNumbers.fromSeed(seed);
  return Array.from({ length: count }, () => {
    const draws = random.uniformValues(60);
    const sentence: string[] = [];
    for (const draw of draws) {
      if (draw < 0.2) break;
      const last = letters.indexOf(sentence.at(-1) ?? 'a');
      sentence.push(letters[Math.floor(last + 1 + draw ** 4 * letters.length) % letters.length]!);
    }
    return sentence;
  });
}

/** Chen & Goodman's equations word for word, on texts. */
class Reference {
  readonly sentences: readonly (readonly string[])[];
  readonly vocabulary: readonly string[];
  readonly order: number;

  constructor(sentences: readonly (readonly string[])[], vocabulary: readonly string[], order: number) {
    this.sentences = sentences.map((sentence) => ['<s>', ...sentence, '</s>']);
    this.vocabulary = [...vocabulary, '</s>'];
    this.order = order;
  }

  occurrences(length: number): string[] {
    return this.sentences.flatMap((sentence) =>
      sentence.slice(length - 1).map((_, at) => sentence.slice(at, at + length).join(' ')),
    );
  }

  /** N-grams of a length with c(·), or N₁₊(• ·) where they are shorter than the order and something may precede them. */
  counts(length: number): Map<string, number> {
    const counts = new Map<string, number>();
    const add = (gram: string) => counts.set(gram, (counts.get(gram) ?? 0) + 1);
    for (const gram of this.occurrences(length))
      if (gram !== '<s>' && (length === this.order || gram.startsWith('<s>'))) add(gram);
    if (length < this.order)
      for (const gram of new Set(this.occurrences(length + 1))) add(gram.slice(gram.indexOf(' ') + 1));
    return counts;
  }

  discount(counts: Map<string, number>, count: number): number {
    const n = (k: number) => [...counts.values()].filter((value) => value === k).length;
    const k = Math.min(count, 3);
    if (k === 0) return 0;
    const y = n(1) / (n(1) + 2 * n(2));
    const estimated = [1, 2, 3].map((each) => each - ((each + 1) * y * n(each + 1)) / n(each));
    if (!estimated.every((each, index) => each > 0 && each <= index + 1)) return [0, 0.5, 1, 1.5][k]!;
    return estimated[k - 1]!;
  }

  probability(symbol: string, context: readonly string[]): number {
    const history = context.slice(Math.max(0, context.length - this.order + 1));
    const lower = history.length === 0 ? 1 / this.vocabulary.length : this.probability(symbol, history.slice(1));
    const counts = this.counts(history.length + 1);
    const continuations = this.vocabulary.map((each) => counts.get([...history, each].join(' ')) ?? 0);
    const total = continuations.reduce((sum, count) => sum + count, 0);
    if (total === 0) return lower;
    const freed = continuations.reduce((sum, count) => sum + this.discount(counts, count), 0);
    const count = continuations[this.vocabulary.indexOf(symbol)]!;
    return (count - this.discount(counts, count)) / total + (freed / total) * lower;
  }
}

describe('SentenceModel', () => {
  it.each([1, 2, 3, 5])('equals the equations, order %i', (order) => {
    const sentences = drawSentences(40);
    const model = new SentenceModel(sentences, { order, vocabulary: ['e'] });
    const reference = new Reference(sentences, Array.from('abcde'), order);
    for (const sentence of ['', 'abc', 'dd', 'aeb', 'abcdabcd', 'ccba'].map((text) => Array.from(text))) {
      const padded = ['<s>', ...sentence, '</s>'];
      const expected = padded
        .slice(1)
        .map((symbol, at) => Math.log(reference.probability(symbol, padded.slice(0, at + 1))));
      expect(model.logProbability(sentence)).toBeCloseTo(
        expected.reduce((sum, each) => sum + each, 0),
        10,
      );
    }
  });

  it.each([1, 2, 4])('is a distribution in every state, order %i', (order) => {
    const model = new SentenceModel(drawSentences(60), { order, vocabulary: ['e'] });
    for (const text of ['', 'a', 'ab', 'abca', 'ee', 'dcba']) {
      let state = model.beginning;
      for (const symbol of text) state = model.read(state, symbol).state;
      const probabilities = [...model.symbols, undefined].map((symbol) =>
        Math.exp(model.read(state, symbol).logProbability),
      );
      expect(probabilities.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 12);
      for (const probability of probabilities) expect(probability).toBeGreaterThan(0);
    }
  });

  it('comes near the entropy of its source', () => {
    const [training, test] = [drawSentences(6000), drawSentences(1000, 'abcd', 4)];
    const [unigram, bigram, long] = [1, 2, 5].map((order) =>
      new SentenceModel(training, { order }).bitsPerSymbol(test),
    );
    // Draws below 0.2 end a sentence; fourth roots of quarters bound those of the next letter, from `drawSentences`.
    const bounds = [0, 0.25, 0.5, 0.75, 1].map((share) => Math.max(0.2, share ** 0.25));
    const surprisals = [0, 1, 2, 3].map((step) => -Math.log2(bounds[step + 1]! - bounds[step]!));
    let [bits, symbols] = [0, 0];
    for (const sentence of test) {
      let last = 0;
      for (const letter of sentence) {
        bits += surprisals[('abcd'.indexOf(letter) - last + 3) % 4]!;
        last = 'abcd'.indexOf(letter);
      }
      symbols += sentence.length;
      bits -= Math.log2(0.2);
    }
    const optimum = bits / symbols;
    expect(bigram! - optimum).toBeLessThan(0.04);
    expect(long! - optimum).toBeLessThan(0.06);
    for (const each of [bigram!, long!]) expect(each).toBeGreaterThan(optimum - 0.01);
    expect(unigram).toBeGreaterThan(optimum + 0.3);
  });

  it('counts the surprisal of ends, and no ends as symbols', () => {
    const model = new SentenceModel([['a'], ['a', 'b']], { order: 2 });
    const nats = model.logProbability(['a']) + model.logProbability(['b', 'a']);
    expect(model.bitsPerSymbol([['a'], ['b', 'a']])).toBeCloseTo(-nats / 3 / Math.LN2, 12);
  });

  it.each([
    [() => new SentenceModel([], { order: 2 }), 'expected training sentences, got none'],
    [() => new SentenceModel([['a']], { order: 0 }), 'expected an order from 1 to 16, got 0'],
    [() => new SentenceModel([['a']], { order: 2 }).logProbability(['b']), 'a symbol of the vocabulary, got "b"'],
    [() => new SentenceModel([['a']], { order: 2 }).bitsPerSymbol([[]]), 'sentences with symbols, got none'],
  ])('refuses what it cannot count, %#', (run, message) => {
    expect(run).toThrow(message);
  });
});

describe('likeliestSentence', () => {
  it.each([1, 2, 3])('is the likeliest of all short ones, order %i', (order) => {
    const training = drawSentences(50, 'abc').map((sentence) => ['a', 'b', ...sentence]);
    const model = new SentenceModel(training, { order });
    let all: string[][] = [[]];
    let sentences = all;
    for (let length = 1; length <= 6; length++) {
      all = all.flatMap((sentence) => ['a', 'b', 'c'].map((symbol) => [...sentence, symbol]));
      sentences = [...sentences, ...all];
    }
    const best = sentences.reduce((one, other) =>
      model.logProbability(other) > model.logProbability(one) ? other : one,
    );
    const found = likeliestSentence(model);
    expect(found.symbols).toEqual(best);
    expect(found.logProbability).toBeCloseTo(model.logProbability(best), 12);
  });

  it('is what a model of one sentence knows', () => {
    const model = new SentenceModel(
      Array.from({ length: 20 }, () => Array.from('the cat')),
      { order: 4 },
    );
    expect(likeliestSentence(model).symbols.join('')).toBe('the cat');
  });
});

/** Log-probability of a sentence as a reader of the format computes it. */
function readArpa(text: string, order: number): (sentence: readonly string[]) => number {
  const entries = new Map<string, readonly [probability: number, backoff: number]>();
  for (const line of text.split('\n')) {
    const [probability, words, backoff] = line.split('\t');
    if (words !== undefined) entries.set(words, [Number(probability), Number(backoff ?? 0)]);
  }
  const score = (history: readonly string[], word: string): number => {
    const found = entries.get([...history, word].join(' '));
    if (found) return found[0];
    return (entries.get(history.join(' '))?.[1] ?? 0) + score(history.slice(1), word);
  };
  return (sentence) => {
    const padded = ['<s>', ...sentence, '</s>'];
    return padded
      .slice(1)
      .reduce((sum, word, at) => sum + score(padded.slice(Math.max(0, at + 2 - order), at + 1), word), 0);
  };
}

describe('arpa', () => {
  it.each([1, 2, 3, 4])('is the model, order %i', (order) => {
    const sentences = drawSentences(40).map((sentence) => sentence.map((letter) => `word-${letter}`));
    const model = new SentenceModel(sentences, { order, vocabulary: ['other'] });
    const score = readArpa(arpa(model), order);
    for (const sentence of [...sentences, ['other', 'word-a'], []])
      expect(score(sentence) * Math.LN10).toBeCloseTo(model.logProbability(sentence), 4);
  });

  it('is written so', () => {
    expect(arpa(new SentenceModel([['b'], ['b', 'b']], { order: 2 }))).toMatchInlineSnapshot(`
      "\\data\\
      ngram 1=3
      ngram 2=3

      \\1-grams:
      -0.234083	b	-0.301030
      -0.380211	</s>	0.000000
      -99	<s>	-0.301030

      \\2-grams:
      -0.101458	<s> b
      -0.266268	b </s>
      -0.338819	b b

      \\end\\
      "
    `);
  });
});
