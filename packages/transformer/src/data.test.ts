import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { nearDuplicateOf } from './corpora/split.ts';
import { DICTIONARY_PATH, encodePairs, loadData } from './data.ts';
import { FRAME, textOf } from './vocabulary.ts';

/** Debian's file where `apt install trans-de-en` puts it, or another that is named. */
const dictionary = process.env.MOTLEY_DICTIONARY ?? DICTIONARY_PATH;

const settings = (...set: readonly string[]) => config.resolve({ set });

describe('grammar data', () => {
  it('has the requested number of sentences, no English duplicates, the same for the same data.seed', async () => {
    const small = ['data.sentences=500', 'data.heldOut=50', 'data.merges=100'];
    const data = await loadData(settings(...small));
    const all = [...data.training, ...data.validation, ...data.test];
    expect([data.training.length, data.validation.length, data.test.length]).toEqual([500, 50, 50]);
    expect(new Set(all.map(({ english }) => english)).size).toBe(600);
    expect((await loadData(settings(...small, 'training.seed=7'))).test).toEqual(data.test);
    expect((await loadData(settings(...small, 'data.seed=7'))).test).not.toEqual(data.test);
    expect(data.words.get('door')).toMatch(/[tT]ür$/);
  });

  it('decodes to the original sentences', async () => {
    const data = await loadData(settings('data.sentences=200', 'data.heldOut=20', 'data.merges=300'));
    const encoded = encodePairs(data.test, data.tokenizer);
    for (const [index, { source, target }] of encoded.entries()) {
      expect(textOf(data.tokenizer, [...source, FRAME.end])).toBe(data.test[index]!.english);
      expect(textOf(data.tokenizer, target)).toBe(data.test[index]!.german);
    }
    const again = await loadData(settings('data.sentences=200', 'data.heldOut=20'), undefined, data.tokenizer);
    expect(again.tokenizer).toBe(data.tokenizer);
  });
});

describe('dictionary data', () => {
  it('has phrases in training only, and only if configured', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'motley-dictionary-'));
    const [nouns, verbs] = [
      ['Hund', 'Baum', 'Ofen', 'Tisch', 'Wolf'],
      ['steht', 'liegt', 'fehlt', 'bleibt'],
    ];
    const lines = nouns.flatMap((noun, i) =>
      verbs.flatMap((verb, j) => [
        `${noun} ${verb} ${i}${j}. :: ${i} ${verb} ${j}.`,
        `am ${noun} ${verb} :: ${i} at ${verb}`,
      ]),
    );
    const path = join(folder, 'de-en');
    await writeFile(path, lines.join('\n'));
    const load = (phrases: boolean) =>
      loadData(settings('data.source=dictionary', 'data.heldOut=3', `data.phrases=${phrases}`), path);
    const [all, sentences] = [await load(true), await load(false)];
    expect(sentences.test).toEqual(all.test);
    expect(all.test.every(({ kind }) => kind === 'sentence')).toBe(true);
    expect(new Set(all.training.map(({ kind }) => kind)).size).toBe(2);
    expect(sentences.training).toEqual(all.training.filter(({ kind }) => kind === 'sentence'));
    await rm(folder, { recursive: true });
  });
});

describe('invalid data', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-data-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    [
      'a file for the grammar',
      'grammar',
      'x',
      /^--data: expected data\.source dictionary or multi30k, got grammar, which reads no file$/,
    ],
    ['text that is no dictionary', 'dictionary', 'nothing\n', /expected lines of German :: English with sentences/],
    [
      'a dictionary too small',
      'dictionary',
      'Es ist gut. :: It is good.\n',
      /^data\.heldOut: expected fewer: 1 sentences/,
    ],
    ['bytes', 'dictionary', Uint8Array.of(0xe4), /byte 0: expected UTF-8, found 0xe4$/],
  ])('%s is an error', async (name, source, contents, message) => {
    const path = join(folder, name.replaceAll(' ', '-'));
    await writeFile(path, contents);
    await expect(loadData(settings(`data.source=${source}`), path)).rejects.toThrow(message);
  });

  it.skipIf(existsSync(DICTIONARY_PATH))(
    'a missing dictionary is an error with the command that installs it',
    async () => {
      await expect(loadData(settings('data.source=dictionary'))).rejects.toThrow(
        "/usr/share/trans/de-en: expected the dictionary of Debian's trans-de-en: apt install trans-de-en, or give its path with --data",
      );
    },
  );
});

// Without Debian's file there is nothing to read; .ci/run installs it.
describe.skipIf(!existsSync(dictionary))("Debian's dictionary", () => {
  it('has tens of thousands of pairs, held-out sentences without near-duplicates in training, and a lossless vocabulary', async () => {
    const data = await loadData(settings('data.source=dictionary', 'data.merges=100'), dictionary);
    expect([data.validation.length, data.test.length]).toEqual([1000, 1000]);
    const sentences = data.training.filter(({ kind }) => kind === 'sentence').length;
    expect(sentences).toBeGreaterThan(12_000);
    expect(data.training.length - sentences).toBeGreaterThan(40_000);
    const isNear = nearDuplicateOf([...data.test, ...data.validation]);
    expect(data.training.filter((pair) => isNear(pair))).toEqual([]);
    expect(data.words.size).toBeGreaterThan(60_000);
    expect([data.words.get('house'), data.words.get('water'), data.words.get('sing')]).toEqual([
      'Haus',
      'Wasser',
      'singen',
    ]);
    for (const { english, german } of data.test.slice(0, 200))
      for (const text of [english, german]) expect(data.tokenizer.decode(data.tokenizer.encode(text))).toBe(text);
  }, 180_000); // 25 MB of text
});
