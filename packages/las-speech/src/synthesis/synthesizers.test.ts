import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAudio } from '@motley/core/node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openCorpus } from '../corpus/corpus.ts';
import { openEspeakNg } from './espeak-ng.ts';
import { openFlite } from './flite.ts';
import { openSynthesizer } from './open.ts';
import { corpusDefaults } from './plan.ts';
import { say } from './say.ts';
import { makeSpeechCorpus, makeTextCorpus } from './speech-corpus.ts';
import type { Line, Speech, Synthesizer } from './synthesizer.ts';
import { encodeWav } from './wave.ts';

const espeak = await openEspeakNg('en');
let flite: Synthesizer;
let folder: string;
beforeAll(async () => {
  flite = await openFlite();
  folder = await mkdtemp(join(tmpdir(), 'motley-speech-'));
});
afterAll(async () => {
  await flite.close();
  await rm(folder, { recursive: true });
});
afterEach(() => vi.unstubAllEnvs());

const lineOf = (voice: string, text = 'the quiet sea', more: Partial<Line['delivery']> = {}): Line => ({
  text,
  delivery: { voice, wordsPerMinute: 170, pitchInSemitones: 0, pitchRange: 1, ...more },
});
const secondsOf = ({ samples, sampleRateInHz }: Speech): number => samples.length / sampleRateInHz;
const loudestOf = ({ samples }: Speech): number =>
  samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

/** Frequency with the highest autocorrelation, between 60 and 400 Hz, as the median over windows of 50 ms. */
function pitchOf({ samples, sampleRateInHz }: Speech): number {
  const found: number[] = [];
  const width = Math.round(0.05 * sampleRateInHz);
  for (let start = 0; start + 2 * width < samples.length; start += width) {
    const correlation = (lag: number): number => {
      let sum = 0;
      for (let time = start; time < start + width; time++) sum += samples[time]! * samples[time + lag]!;
      return sum;
    };
    const energy = correlation(0);
    let [best, bestLag] = [0, 0];
    for (let lag = Math.floor(sampleRateInHz / 400); lag < sampleRateInHz / 60; lag++) {
      const value = correlation(lag);
      if (value > best) [best, bestLag] = [value, lag];
    }
    if (energy > 1 && best > energy / 2) found.push(sampleRateInHz / bestLag);
  }
  return found.sort((a, b) => a - b)[found.length >> 1]!;
}

describe.runIf(espeak !== undefined)('espeak-ng', () => {
  const speak = (lines: readonly Line[]): Promise<Speech[]> => espeak!.speak(lines);

  it('gives the same samples twice', async () => {
    const lines = [lineOf('en-gb+m3'), lineOf('en-gb+m3', "don't find the lamp")];
    const first = await speak(lines);
    expect(first.map(({ sampleRateInHz }) => sampleRateInHz)).toEqual([22_050, 22_050]);
    expect(first.every((speech) => loudestOf(speech) > 0.1)).toBe(true);
    expect(await speak(lines)).toEqual(first);
  });

  it('speaks lines together as it speaks each of them', async () => {
    const texts = ['call me ishmael', 'a bosom friend', 'seven green bottles on the wall', 'go'];
    const lines = texts.map((text, index) => lineOf('en-us+f2', text, { wordsPerMinute: 140 + 20 * index }));
    const together = await speak(lines);
    for (const [index, line] of lines.entries()) {
      const [alone] = await speak([line]);
      expect(Math.abs(secondsOf(alone!) - secondsOf(together[index]!))).toBeLessThan(0.05);
    }
  });

  it('speaks lines of a voice whose echo fills the pauses', async () => {
    const speeches = await speak([
      lineOf('en-us+announcer'),
      lineOf('en-us+announcer', 'go'),
      lineOf('en-us+announcer'),
    ]);
    expect(speeches.length).toBe(3);
    expect(secondsOf(speeches[1]!)).toBeLessThan(secondsOf(speeches[0]!));
    expect(speeches[2]).toEqual(speeches[0]);
  });

  it('takes speed, pitch and range', async () => {
    const spoken = await speak([
      lineOf('en-us', 'we were all away in may'),
      lineOf('en-us', 'we were all away in may', { wordsPerMinute: 85 }),
      lineOf('en-us', 'we were all away in may', { pitchInSemitones: 3 }),
    ]);
    expect(secondsOf(spoken[1]!) / secondsOf(spoken[0]!)).toBeGreaterThan(1.7);
    expect(12 * Math.log2(pitchOf(spoken[2]!) / pitchOf(spoken[0]!))).toBeCloseTo(3, -0.5);
  });

  it('reads markup as text', async () => {
    const [plain, markup] = await speak([lineOf('en-us', 'a b'), lineOf('en-us', '<a> & </prosody> b')]);
    expect(secondsOf(markup!)).toBeGreaterThan(secondsOf(plain!));
  });

  it('says which voice it lacks', async () => {
    await expect(speak([lineOf('xx')])).rejects.toThrow(
      'espeak-ng, voice xx, text "the quiet sea": ended with exit code 1',
    );
    await expect(openEspeakNg('xx')).rejects.toThrow(/^espeak-ng [\d.]+: expected a voice for "xx", found none$/);
  });

  it('is found, and missed by name', async () => {
    expect((await openSynthesizer()).name).toBe('espeak-ng');
    vi.stubEnv('PATH', folder);
    await expect(openSynthesizer('espeak-ng')).rejects.toThrow(
      /^espeak-ng: expected the program on this machine, found none; install it \(apt-get install espeak-ng/,
    );
    await expect(openSynthesizer('auto', 'czech')).rejects.toThrow(
      'flite speaks English alone; for czech, expected espeak-ng',
    );
    const other = await openSynthesizer();
    expect(other.name).toBe('flite');
    await other.close();
  });

  it('makes a corpus of all sets', async () => {
    const settings = {
      ...corpusDefaults,
      texts: { training: 12, validation: 3, test: 6, unseenWords: 4, isolatedWords: 2, long: 1 },
      otherSynthesizer: 2,
      voices: { learned: 6, unseen: 2 },
      isolatedVoices: { learned: 2, unseen: 1 },
    };
    const lines: string[] = [];
    const options = { cache: folder, report: (line: string) => lines.push(line) };
    const { description, learnedVoices, unseenVoices } = await makeSpeechCorpus(settings, options);
    const corpus = openCorpus(description);
    const speakersOf = (set: Parameters<typeof corpus.indicesOf>[0]): string[] =>
      [...new Set([...corpus.indicesOf(set)].map((index) => corpus.utterance(index).speaker))].sort();
    const named = (voices: readonly string[]): string[] => voices.map((voice) => `espeak-ng ${voice}`).sort();
    expect(speakersOf('training')).toEqual(named(learnedVoices));
    expect(speakersOf('seen voices')).toEqual(named(learnedVoices));
    expect(speakersOf('unseen voices')).toEqual(named(unseenVoices));
    expect(speakersOf('other synthesizer').every((speaker) => speaker.startsWith('flite '))).toBe(true);
    const sizes = [
      'training',
      'validation',
      'seen voices',
      'unseen voices',
      'unseen words',
      'isolated words',
      'long',
    ] as const;
    expect(sizes.map((set) => corpus.indicesOf(set).length)).toEqual([12, 3, 6, 6, 4, 6, 1]);
    for (const [index, { text, length, delivery }] of corpus.utterances.entries()) {
      const perSecond = (16_000 * text.length) / (length - 1920) / delivery!.wordsPerMinute;
      expect(perSecond, `${index} ${text}`).toBeGreaterThan(0.04);
      expect(perSecond, `${index} ${text}`).toBeLessThan(0.25);
    }
    expect(lines[0]).toMatch(/^synthesizing 40 utterances by espeak-ng [\d.]+ and flite [\d.]+, about /);
  });

  it('makes a corpus of Czech texts', async () => {
    const options = { cache: folder, report: () => undefined };
    const czech = openCorpus(await makeTextCorpus(['žluťoučký kůň', 'pěl ódy'], 'czech', corpusDefaults, options));
    expect(czech.utterances.map(({ speaker }) => speaker.replace(/\+.*/, ''))).toEqual([
      'espeak-ng cs',
      'espeak-ng cs',
    ]);
  });
});

describe('flite', () => {
  it('gives the same samples twice, at 16 kHz, by each voice', async () => {
    for (const { name } of flite.voices) {
      const [speech] = await flite.speak([lineOf(name)]);
      expect(speech!.sampleRateInHz).toBe(16_000);
      expect(loudestOf(speech!)).toBeGreaterThan(0.1);
      expect(await flite.speak([lineOf(name)])).toEqual([speech]);
    }
  });

  it('takes speed and pitch', async () => {
    const [own, slow, high] = await flite.speak([
      lineOf('slt'),
      lineOf('slt', undefined, { wordsPerMinute: 85 }),
      lineOf('slt', undefined, { pitchInSemitones: 3 }),
    ]);
    expect(secondsOf(slow!) / secondsOf(own!)).toBeGreaterThan(1.7);
    expect(12 * Math.log2(pitchOf(high!) / pitchOf(own!))).toBeCloseTo(3, -0.5);
  });

  it('says which voice it lacks, and goes on', async () => {
    await expect(flite.speak([lineOf('nobody')])).rejects.toThrow(
      'flite: expected a voice of slt, kal16, rms, awb, found "nobody"',
    );
    expect((await flite.speak([lineOf('rms', 'go')])).length).toBe(1);
  });
});

describe('say', () => {
  it('says a text that a WAVE file can hold', async () => {
    const { samples, sampleRateInHz, synthesizer, voice } = await say('hello\nthere', { synthesizer: 'flite' });
    expect([sampleRateInHz, synthesizer, voice]).toEqual([16_000, `flite ${flite.version}`, 'slt']);
    const path = join(folder, 'said.wav');
    await writeFile(path, encodeWav(samples, sampleRateInHz));
    const read = await loadAudio(path);
    expect(read.sampleRateInHz).toBe(16_000);
    expect(read.channels).toEqual([samples]);
  });

  it.each([
    ['a text without words', ' \n', {}, 'say: expected words, found " \\n"'],
    ['a long text', 'a'.repeat(8001), {}, 'say: expected at most 8000 characters, found 8001'],
    [
      'another voice',
      'hello',
      { voice: 'slit' },
      'say: expected a voice of flite, such as slt, kal16, rms, found "slit"; did you mean "slt"?',
    ],
    ['no speed', 'hello', { wordsPerMinute: 0 }, 'say: expected words per minute from 80 to 400, found 0'],
    ['no pitch', 'hello', { pitchInSemitones: NaN }, 'say: expected pitch in semitones from -6 to 6, found NaN'],
  ])('names what it cannot say: %s', async (_, text, options, message) => {
    await expect(say(text, { synthesizer: 'flite', ...options })).rejects.toThrow(message);
  });
});
