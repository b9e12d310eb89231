import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomNumbers } from '@motley/run';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Corpus } from './corpus.ts';
import { loadFortunes } from './fortunes.ts';
import { loadSpeeches } from './speeches.ts';
import { splitSpeakers, splitTexts } from './split.ts';
import { markedWords, takeOut } from './taken-words.ts';
import { loadTweets } from './tweets.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-texts-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('fortunes', () => {
  it('are the texts between lines of %, without short ones and those of two topics', async () => {
    const shared = 'The same words stand here.';
    await writeFile(join(folder, 'art'), `A line of art,\nand a second.\n%\n${shared}\n%\nShort.\n%\n`);
    await writeFile(join(folder, 'law'), `${shared}\n%\nNobody is above the law.\n%\nNobody is above the law.\n`);
    const { classNames, texts } = await loadFortunes(['art', 'law'], folder);
    expect(classNames).toEqual(['art', 'law']);
    expect(texts.map(({ label, words }) => [label, words[0], words.length])).toEqual([
      [0, 'a', 9],
      [1, 'nobody', 6],
    ]);
  });

  it('are refused in one line where a topic or the folder is missing', async () => {
    await expect(loadFortunes(['art', 'love'], folder)).rejects.toThrow('none named "love"');
    await expect(loadFortunes(['art'], join(folder, 'nowhere'))).rejects.toThrow('expected a folder of fortunes');
  });
});

describe('speeches', () => {
  it('are sentences of two parties since a year', async () => {
    const write = (name: string, content: object) => writeFile(join(folder, name), JSON.stringify(content));
    await write('a.json', { year: 1890, name: 'Old', party: 'Republican', text: 'Too old to be read here.' });
    await write('b.json', {
      year: 1950,
      name: 'New',
      party: 'Democratic',
      text: 'We shall build five new dams. Yes. It costs 3.5 million dollars, "Mr. Speaker."',
    });
    const { texts } = await loadSpeeches(1900, folder);
    expect(texts.every(({ label, speaker }) => label === 0 && speaker === 'New')).toBe(true);
    expect(texts[0]!.words.join(' ')).toBe('we shall build five new dams .');
    await write('c.json', { year: 'x' });
    await expect(loadSpeeches(1900, folder)).rejects.toThrow('c.json: expected a speech');
  });
});

describe('tweets', () => {
  it('have party and handle, and are refused with one party', async () => {
    const path = join(folder, 'tweets.csv');
    await writeFile(path, 'Party,Handle,Tweet\nDemocrat,A,"Health, care"\nRepublican,B,Tax cuts\nDemocrat,A," "\n');
    const { classNames, texts } = await loadTweets(path);
    expect(classNames).toEqual(['Democrat', 'Republican']);
    expect(texts).toEqual([
      { words: ['health', ',', 'care'], label: 0, speaker: 'A' },
      { words: ['tax', 'cuts'], label: 1, speaker: 'B' },
    ]);
    await writeFile(path, 'Party,Handle,Tweet\nDemocrat,A,Health\n');
    await expect(loadTweets(path)).rejects.toThrow('expected two parties');
    await writeFile(path, 'Party,Tweet\nDemocrat,Health\n');
    await expect(loadTweets(path)).rejects.toThrow('Handle');
  });
});

/** Five speakers of each party, each with her own number of texts. */
const corpus: Corpus = {
  classNames: ['x', 'y'],
  texts: Array.from({ length: 200 }, (_, index) => ({
    words: [index % 2 === 0 ? 'plain' : 'fancy', `word${index}`],
    label: index % 2,
    speaker: `speaker ${index % 10}`,
  })),
};

describe('the splits', () => {
  const random = () => RandomNumbers.fromSeed(5);

  it('hold out texts at random, with equal shares of classes', () => {
    const { training, validation, test } = splitTexts(corpus, 0.2, random());
    expect([training.length, validation.length, test.length]).toEqual([120, 40, 40]);
    expect(test.filter(({ label }) => label === 0)).toHaveLength(20);
    expect(new Set([...training, ...validation, ...test]).size).toBe(200);
  });

  it('hold out whole speakers', () => {
    const { training, validation, test } = splitSpeakers(corpus, 0.2, random());
    const speakersOf = (part: typeof test) => new Set(part.map(({ speaker }) => speaker));
    const sets = [training, validation, test].map(speakersOf);
    expect(sets.map(({ size }) => size)).toEqual([6, 2, 2]);
    expect(new Set(sets.flatMap((each) => [...each])).size).toBe(10);
    expect(training.length + validation.length + test.length).toBe(200);
    const few = { ...corpus, texts: corpus.texts.filter(({ speaker }) => speaker < 'speaker 4') };
    expect(() => splitSpeakers(few, 0.2, random())).toThrow('three speakers or more');
  });
});

describe('the words taken out', () => {
  it('mark their party, and are gone from their texts', () => {
    const marked = markedWords(corpus, 1);
    expect(marked).toEqual([
      { word: 'plain', party: 0 },
      { word: 'fancy', party: 1 },
    ]);
    const both = { words: ['plain', 'fancy'], label: 0, speaker: 'a' };
    const other = { words: ['plain', 'x'], label: 1, speaker: 'a' };
    const examples = takeOut([...corpus.texts, both, other], marked);
    expect(examples).toHaveLength(200);
    expect(examples.every(({ words }) => words.length === 1 && words[0]!.startsWith('word'))).toBe(true);
    expect(() => markedWords(corpus, 2)).toThrow('data.wordsPerParty: expected at most 1');
  });
});
