import { readFileSync } from 'node:fs';
import { UserError, smallest } from '@motley/run';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../random/random-stream.ts';
import { BpeTokenizer } from './bpe/bpe-tokenizer.ts';
import { Heap } from './bpe/heap.ts';
import { trainBpe } from './bpe/train-bpe.ts';
import { ByteTokenizer } from './byte-tokenizer.ts';
import { CharacterTokenizer } from './character-tokenizer.ts';
import { tokenizerFromJSON } from './from-json.ts';
import { PretrainedTokenizer } from './pretrained-tokenizer.ts';
import type { Tokenizer } from './tokenizer.ts';
import { WordTokenizer } from './word-tokenizer.ts';

interface Reference {
  readonly corpus: string[];
  readonly texts: string[];
  readonly bpe: { vocabulary: string[]; merges: string[][]; ids: number[][] };
  readonly wordPiece: { vocabulary: string[]; ids: number[][]; decoded: string[]; tokenizer: object };
}
const reference = JSON.parse(readFileSync(new URL('reference.json', import.meta.url), 'utf8')) as Reference;
const { corpus, texts } = reference;
const specials = ['<pad>', '<unk>', '<s>'];
const copyOf = (tokenizer: Tokenizer) => tokenizerFromJSON(JSON.parse(JSON.stringify(tokenizer)));
/** Arbitrary well-formed Unicode text. */
const anyText = fc.string({ unit: 'binary', maxLength: 60 });

describe('CharacterTokenizer', () => {
  it('numbers characters by code point, after the special tokens', () => {
    const tokenizer = CharacterTokenizer.train(['bab', 'c🐈日'], { specials: ['<s>'] });
    expect([...tokenizer.encode('abc日🐈')]).toEqual([1, 2, 3, 4, 5]);
    expect(tokenizer.decode([0, 5, 1, 4])).toBe('🐈a日');
    expect([tokenizer.vocabularySize, tokenizer.specialId('<s>')]).toEqual([6, 0]);
  });

  it('decodes known characters, and reports or replaces unknown ones', () => {
    const tokenizer = CharacterTokenizer.train(texts);
    for (const text of texts) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    expect(() => CharacterTokenizer.train(['ab']).encode('abz')).toThrow(
      new UserError('tokenizer: character 2: expected a known character, found "z"'),
    );
    const forgiving = CharacterTokenizer.train(['ab'], { specials });
    expect([...forgiving.encode('az')]).toEqual([3, 1]);
    expect(forgiving.decode([3, 1, 4])).toBe('ab');
  });
});

describe('ByteTokenizer', () => {
  it('decodes any text', () => {
    const tokenizer = new ByteTokenizer({ specials });
    expect([...tokenizer.encode('aé')]).toEqual([3 + 0x61, 3 + 0xc3, 3 + 0xa9]);
    expect(tokenizer.vocabularySize).toBe(259);
    fc.assert(
      fc.property(anyText, (text) => tokenizer.decode(tokenizer.encode(text)) === text),
      { seed: 1 },
    );
    expect(tokenizer.decode([0, 3 + 0xc3, 3 + 0x61])).toBe('\uFFFDa');
  });
});

describe('WordTokenizer', () => {
  it('keeps the most frequent words, in an order that depends on the texts alone', () => {
    const lines = ["The cat don't see the dog.", 'the dog sees Größe', 'a cat!'];
    const tokenizer = WordTokenizer.train(lines, { specials, lowercase: true, vocabularySize: 6 });
    expect(tokenizer.toJSON().words).toEqual(['the', 'cat', 'dog']);
    expect([...tokenizer.encode('The DOG sees, the cat')]).toEqual([3, 5, 1, 1, 3, 4]);
    expect(tokenizer.decode([2, 3, 5, 1])).toBe('the dog');
    const all = WordTokenizer.train(lines);
    expect(all.decode(all.encode(lines[0]!))).toBe("The cat don't see the dog .");
    const frequent = WordTokenizer.train(lines, { minCount: 2 });
    expect(frequent.toJSON().words).toEqual(['cat', 'dog', 'the']);
    expect(() => all.encode('the bird')).toThrow(
      new UserError('tokenizer: word 1: expected a known word, found "bird"'),
    );
  });
});

describe('trainBpe', () => {
  const { vocabulary, merges, ids } = reference.bpe;
  const tokenizer = trainBpe(corpus, { vocabularySize: vocabulary.length, specials: ['<pad>', '<s>'] });

  it('matches Hugging Face in training and encoding', () => {
    const { model } = tokenizer.toTokenizerJSON() as { model: { vocab: Record<string, number>; merges: string[][] } };
    expect(vocabulary.map((token) => model.vocab[token])).toEqual([...vocabulary.keys()]);
    expect(Object.keys(model.vocab).length).toBe(vocabulary.length);
    expect(model.merges).toEqual(merges);
    for (const [index, text] of texts.entries()) expect([...tokenizer.encode(text)]).toEqual(ids[index]);
  });

  it("can be read by Hugging Face's library", () => {
    const foreign = tokenizerFromJSON(tokenizer.toTokenizerJSON());
    expect(foreign).toBeInstanceOf(PretrainedTokenizer);
    for (const text of corpus) {
      const ids = foreign.encode(text);
      expect(ids).toEqual(tokenizer.encode(text));
      expect(foreign.decode(ids)).toBe(text);
    }
  });

  it('decodes any text, including combining marks and partial characters', () => {
    for (const text of [...corpus, ...texts]) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
    fc.assert(
      fc.property(anyText, (text) => tokenizer.decode(tokenizer.encode(text)) === text),
      { seed: 2 },
    );
    const cut = tokenizer.encode('猫').slice(0, 2);
    expect(tokenizer.decode(cut)).toBe('\uFFFD');
    expect(tokenizer.encode('\ud800')).toEqual(tokenizer.encode('\uFFFD'));
  });

  it('does not depend on the order of the texts or the run', () => {
    const shuffled = RandomStream.fromSeed(3).shuffle([...corpus]);
    const again = trainBpe(shuffled, { vocabularySize: vocabulary.length, specials: ['<pad>', '<s>'] });
    expect(again.toJSON()).toEqual(tokenizer.toJSON());
  });

  it('keeps special tokens apart from text', () => {
    expect(tokenizer.specialId('<s>')).toBe(1);
    expect([...tokenizer.encode('<s>')]).not.toContain(1);
    expect(tokenizer.decode([1, ...tokenizer.encode('cat'), 0, 0])).toBe('cat');
    expect(() => tokenizer.specialId('<S>')).toThrow('tokenizer: no special token "<S>"; did you mean "<s>"?');
    expect(() => tokenizer.decode([vocabulary.length])).toThrow(
      `tokenizer: expected an id from 0 to ${vocabulary.length - 1}, got ${vocabulary.length}`,
    );
  });

  it('merges in the learned order, not from the left and not the longest first', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((letter) => new BpeTokenizer([]).encode(letter)[0]!) as [
      number,
      number,
      number,
    ];
    const ordered = new BpeTokenizer([
      [b, c],
      [a, b],
      [256, c],
    ]);
    expect([...ordered.encode('abc')]).toEqual([a, 256]);
    expect([...ordered.encode('abb')]).toEqual([257, b]);
    expect([...ordered.encode('bccc')]).toEqual([258, c]);
  });

  it('stops when no pair occurs twice, and refuses sizes that are too small', () => {
    expect(trainBpe(['abcd'], { vocabularySize: 1000 }).vocabularySize).toBe(256);
    expect(trainBpe(['aaaa aaaa'], { vocabularySize: 1000 }).vocabularySize).toBeGreaterThan(256);
    expect(() => trainBpe([], { vocabularySize: 256, specials })).toThrow(
      'trainBpe: expected a vocabulary of at least 259, got 256',
    );
  });

  it('encodes text without spaces in linear time', () => {
    const long = '天地玄黄宇宙洪荒'.repeat(5000);
    expect(tokenizer.decode(tokenizer.encode(long))).toBe(long);
  });
});

describe('PretrainedTokenizer', () => {
  const { vocabulary, ids, decoded, tokenizer: contents } = reference.wordPiece;
  it.each([
    ['tokenizer.json', PretrainedTokenizer.fromTokenizerJSON(contents)],
    ['vocab.txt', PretrainedTokenizer.fromWordPieceVocabulary(vocabulary)],
  ])('encodes as the model was trained, from %s', (_, tokenizer) => {
    for (const [index, text] of texts.entries()) {
      expect([...tokenizer.encode(text)]).toEqual(ids[index]);
      expect(tokenizer.decode(ids[index]!)).toBe(decoded[index]);
    }
    expect([tokenizer.vocabularySize, tokenizer.specialId('[SEP]')]).toEqual([vocabulary.length, 3]);
    expect(() => tokenizer.specialId('[EOS]')).toThrow('tokenizer: no special token "[EOS]"');
    expect(() => tokenizer.decode([-1])).toThrow('tokenizer: expected an id from 0 to');
  });

  it.each([
    [[], 'a: expected a tokenizer.json, found at the whole: Invalid input: expected object, received array'],
    [{ model: {} }, 'a: expected a tokenizer.json, found at model.vocab: Invalid input'],
    [{ model: { type: 'Oracle', vocab: {} } }, /^a: expected a known tokenizer, found: /],
  ])('refuses what is no tokenizer (%#)', (value, message) => {
    expect(() => PretrainedTokenizer.fromTokenizerJSON(value, 'a')).toThrow(UserError);
    expect(() => PretrainedTokenizer.fromTokenizerJSON(value, 'a')).toThrow(message);
  });
});

describe('tokenizerFromJSON', () => {
  const doubled = (index: number) => (index === 0 ? [0, 0] : [255 + index, 255 + index]);
  const all: readonly Tokenizer[] = [
    CharacterTokenizer.train(texts, { specials }),
    new ByteTokenizer({ specials }),
    WordTokenizer.train(texts, { specials, lowercase: true }),
    trainBpe(corpus, { vocabularySize: 300, specials }),
    PretrainedTokenizer.fromTokenizerJSON(reference.wordPiece.tokenizer),
  ];
  it.each(all.map((tokenizer) => [tokenizer.constructor.name, tokenizer] as const))('restores a %s', (_, tokenizer) => {
    const copy = copyOf(tokenizer);
    expect(copy.constructor).toBe(tokenizer.constructor);
    expect(copy.vocabularySize).toBe(tokenizer.vocabularySize);
    for (const text of texts) expect(copy.encode(text)).toEqual(tokenizer.encode(text));
    expect(copy.toJSON()).toEqual(tokenizer.toJSON());
  });

  it.each([
    [null, 'x: expected a tokenizer, found at the whole: Invalid input'],
    [{ type: 'magic' }, 'x: expected a tokenizer, found at type: Invalid discriminator value'],
    [{ type: 'bpe', specials: [], merges: [[1]] }, 'x: expected a tokenizer, found at merges[0]: '],
    [{ type: 'bpe', specials: ['a'], merges: [[0, 1]] }, 'x: BPE: merge 0: expected two earlier ids'],
    [{ type: 'character', specials: [], characters: ['a', 'a'] }, 'x: vocabulary: expected every token once'],
    [
      // Each merge joins the token before with itself: 2^40 bytes.
      { type: 'bpe', specials: [], merges: Array.from({ length: 40 }, (_, index) => doubled(index)) },
      'x: BPE: expected tokens in proportion to the file: at most 67108864 bytes, found more',
    ],
    [{ type: 'character', specials: [], characters: new Array(100_000).fill(0) }, 'found at characters[0]: '],
    [{ model: { vocab: { a: '1' } } }, 'x: expected a tokenizer.json, found at model.vocab'],
    [
      { added_tokens: [], model: { type: 'BPE', vocab: { a: 2 ** 31 - 1 }, merges: [] } },
      'x: expected a tokenizer.json with ids below 1000000 for its tokens, found 2147483647',
    ],
    [{ type: 'line\nbreak' }, 'x: expected a tokenizer, found at type: Invalid discriminator value'],
    [{ type: 'word', specials: ['a', 'a'], lowercase: true, words: [] }, 'x: tokenizer: expected different names'],
  ])('refuses %j', (value, message) => {
    expect(() => tokenizerFromJSON(value, 'x')).toThrow(UserError);
    expect(() => tokenizerFromJSON(value, 'x')).toThrow(message);
    expect(() => tokenizerFromJSON(value, 'x')).toThrow(/^[^\n]+$/);
  });

  it('100,000 special tokens are checked in one pass', () => {
    const names = Array.from({ length: 100_000 }, (_, index) => `<${index}>`);
    expect(tokenizerFromJSON({ type: 'byte', specials: names }).vocabularySize).toBe(100_256);
    expect(() => tokenizerFromJSON({ type: 'byte', specials: [...names, '<7>'] })).toThrow('got "<7>" again');
  });
});

it('a heap returns its values in order while it grows', () => {
  const random = RandomStream.fromSeed(4);
  const heap = new Heap<number>((a, b) => a < b);
  const waiting: number[] = [];
  for (const value of random.integers(2000, 0, 500)) {
    if (value % 3 === 0) {
      const least = smallest(waiting);
      expect(heap.pop()).toBe(waiting.length === 0 ? undefined : least);
      if (waiting.length > 0) waiting.splice(waiting.indexOf(least), 1);
    } else {
      heap.push(value);
      waiting.push(value);
    }
  }
  expect(waiting.length).toBeGreaterThan(100);
});
