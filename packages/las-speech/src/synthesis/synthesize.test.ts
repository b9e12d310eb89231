import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomNumbers } from '@motley/run';
import { StorageError } from '@motley/run/node';
import { runProgram } from '@motley/test-tools';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCorpus } from '../corpus/corpus.ts';
import { planTexts } from './plan.ts';
import { synthesize } from './synthesize.ts';
import { fakeSynthesizer } from './testing/fake-synthesizer.ts';

const texts = Array.from('abcdefghijkl', (letter) => letter.repeat(12));

/** A corpus of twelve hums in files of four. */
function job(cache: string) {
  const spoken: string[] = [];
  const lines: string[] = [];
  const synthesizer = fakeSynthesizer(({ text }) => spoken.push(text));
  const planned = planTexts(texts, synthesizer, synthesizer.voices);
  const make = (some = planned) =>
    synthesize(some, [synthesizer], { cache, shardLength: 4, report: (line) => lines.push(line) });
  return { spoken, lines, planned, make };
}

let cache: string;
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'motley-speech-'));
});
afterEach(() => rm(cache, { recursive: true }));

describe('a corpus on disk', () => {
  it('has the samples, by index', async () => {
    const { make, planned, lines } = job(cache);
    const corpus = openCorpus(await make());
    expect(corpus.length).toBe(12);
    expect(corpus.synthesizers).toEqual(['espeak-ng fake']);
    expect(corpus.utterances.map(({ text }) => text)).toEqual(texts);
    expect(corpus.utterance(7)).toMatchObject({ text: texts[7], speaker: `espeak-ng ${planned[7]!.delivery.voice}` });
    expect(corpus.indicesOf('training').length).toBe(12);
    expect(corpus.indicesOf('validation').length).toBe(0);
    const [margin, length] = [960, 1920];
    for (const index of [7, 0, 11, 4]) {
      const samples = corpus.samples(index);
      expect(samples.length).toBe(corpus.utterance(index).length);
      expect(samples.subarray(0, margin).every((sample) => sample === 0)).toBe(true);
      // A cosine at 8 kHz, resampled to 16 kHz. The ends are the filter's.
      const step = planned[index]!.delivery.voice === 'low' ? 0.05 : 0.1;
      for (let time = 200; time < length - 200; time++)
        expect(Math.abs(samples[margin + time]! - Math.cos(step * time) / 2)).toBeLessThan(1e-3);
    }
    expect(() => corpus.utterance(12)).toThrow(RangeError);
    expect(lines[0]).toMatch(/^synthesizing 12 utterances by espeak-ng fake, about 1 minute of speech, \d+ MB into /);
  });

  it('is made once', async () => {
    const { make, spoken, lines } = job(cache);
    const first = await make();
    expect(spoken.length).toBe(12);
    const count = lines.length;
    expect(await make()).toEqual(first);
    expect([spoken.length, lines.length]).toEqual([12, count]);
  });

  it('is another one for another text, delivery or synthesizer', async () => {
    const { make, planned } = job(cache);
    const folders = new Set([(await make()).folder, (await make(planned.slice(1))).folder]);
    const [first, ...others] = planned;
    folders.add((await make([{ ...first!, delivery: { ...first!.delivery, wordsPerMinute: 100 } }, ...others])).folder);
    const older = { ...fakeSynthesizer(), version: 'older' };
    folders.add((await synthesize(planned, [older], { cache, shardLength: 4, report: () => undefined })).folder);
    expect(folders.size).toBe(4);
  });

  it('goes on where a killed process ended', async () => {
    const killed = await runProgram(join(import.meta.dirname, 'testing/killed-synthesis.ts'), [cache]);
    expect(killed.status).toBe(null);
    const [folder] = await readdir(cache);
    const shards = ['samples-000.json', 'samples-000.pcm', 'samples-001.json', 'samples-001.pcm'];
    expect((await readdir(join(cache, folder!))).sort()).toEqual(['lock', ...shards]);
    const { make, spoken, lines } = job(cache);
    const { folder: finished } = await make();
    expect(finished).toBe(join(cache, folder!));
    expect(spoken.sort()).toEqual(texts.slice(8));
    expect(lines[0]).toContain('synthesizing 4 utterances (8 are there) by espeak-ng fake');
    const whole = await mkdtemp(join(tmpdir(), 'motley-speech-'));
    const { folder: other } = await job(whole).make();
    for (const name of await readdir(other))
      expect(await readFile(join(finished, name)), name).toEqual(await readFile(join(other, name)));
    await rm(whole, { recursive: true });
  });

  it('goes on where a signal ended it', async () => {
    const { spoken, planned, make } = job(cache);
    const stop = new AbortController();
    const stopping = fakeSynthesizer(() => {
      stop.abort();
    });
    const report = () => undefined;
    const ended = synthesize(planned, [stopping], { cache, shardLength: 4, report, signal: stop.signal });
    await expect(ended).rejects.toHaveProperty('name', 'AbortError');
    expect(openCorpus(await make()).length).toBe(12);
    expect(spoken.length).toBe(12);
  });

  it('is made by one of two calls while the other waits', async () => {
    const { make, spoken, lines } = job(cache);
    const [first, second] = await Promise.all([make(), make()]);
    expect(first).toEqual(second);
    expect(spoken.length).toBe(12);
    expect(lines.filter((line) => line.endsWith('; waiting for its corpus')).length).toBe(1);
  });

  it.each([
    ['a file of samples that is cut short', 'samples-001.pcm'],
    ['an index that is cut short', 'corpus.json'],
  ])('is mended: %s', async (_, name) => {
    const { make, spoken } = job(cache);
    const { folder } = await make();
    const whole = await readFile(join(folder, name));
    await truncate(join(folder, name), 100);
    await make();
    expect(await readFile(join(folder, name))).toEqual(whole);
    expect(spoken.length).toBe(name === 'corpus.json' ? 12 : 16);
  });

  it('says in one line what is wrong with it', async () => {
    expect(() => openCorpus({ folder: cache })).toThrow(
      `${cache}/corpus.json: expected the index of a corpus, found none`,
    );
    const { folder } = await job(cache).make();
    const corpus = openCorpus({ folder });
    await truncate(join(folder, 'samples-002.pcm'), 10);
    expect(() => corpus.samples(11)).toThrow(
      /samples-002\.pcm: expected \d+ bytes from \d+ on, found 0; remove .* anew$/,
    );
    await writeFile(join(folder, 'corpus.json'), '{"sampleRateInHz": 8000}');
    expect(() => openCorpus({ folder })).toThrow(/corpus\.json: at sampleRateInHz: .*; remove /);
  });
});

describe('texts that cannot be spoken', () => {
  const synthesizer = fakeSynthesizer();
  const plan = (text: string) => planTexts([text], synthesizer, synthesizer.voices);

  it.each([
    ['Room 12', /^training-0: expected letters of " 'abcdefghijklmnopqrstuvwxyz", found "R" in "Room 12"$/],
    ['naïve', /^training-0: expected letters of .*, found "ï" in "naïve"$/],
    [" ' ", /^training-0: expected words, found " ' "$/],
  ])('are named in one line: %j', async (text, message) => {
    await expect(synthesize(plan(text), [synthesizer], { cache, report: () => undefined })).rejects.toThrow(message);
    expect(await readdir(cache)).toEqual([]);
  });

  it('take the letters of their language', async () => {
    const { folder } = await synthesize(plan('žluťoučký kůň'), [synthesizer], {
      cache,
      language: 'czech',
      report: () => undefined,
    });
    expect(openCorpus({ folder }).utterance(0).text).toBe('žluťoučký kůň');
  });

  it('are refused where nothing is heard, and where there are none', async () => {
    const silent = {
      ...synthesizer,
      speak: () => Promise.resolve([{ sampleRateInHz: 8000, samples: new Float32Array(9) }]),
    };
    await expect(synthesize(plan('hush'), [silent], { cache, report: () => undefined })).rejects.toThrow(
      /^training-0: expected speech of espeak-ng (low|high) for "hush", found silence$/,
    );
    await expect(synthesize([], [synthesizer], { cache })).rejects.toThrow('synthesis: expected texts, found none');
  });
});

const small = mkdtempSync(join(tmpdir(), 'motley-small-'));
// Mounting a small file system, to really fill it, needs root.
const isSmall = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'motley-test', small]).status === 0;
afterAll(() => {
  if (isSmall) spawnSync('umount', [small]);
  rmSync(small, { recursive: true });
});

describe.runIf(isSmall)('a full disk', () => {
  it('ends the synthesis in one line, and the next one goes on', async () => {
    const { make, spoken } = job(small);
    await mkdir(join(small, 'other'));
    const filler = join(small, 'other', 'filler');
    await writeFile(filler, RandomNumbers.fromSeed(1).words(2 ** 14));
    const making = make();
    await expect(making).rejects.toThrow(StorageError);
    await expect(making).rejects.toThrow(/^cannot write .*samples-\d+\.pcm: no space left on the disk$/);
    await rm(filler);
    spoken.length = 0;
    const corpus = openCorpus(await make());
    expect(corpus.samples(11).length).toBe(corpus.utterance(11).length);
  });
});
