import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomNumbers } from '@motley/run';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { errorRate } from '../../error-rates.ts';
import { SentenceModel } from '../sentence-model.ts';
import { parseHypotheses } from './decode.ts';
import { letterDictionary, letterOfSound, phoneDictionary, soundOfLetter, vocabularyOf } from './dictionary.ts';
import { hmmBaseline, type HmmUtterance } from './hmm-baseline.ts';
import { spaced } from './letter-spacing.ts';
import { findHmmTools } from './tools.ts';
import { trainingFiles } from './training-files.ts';

describe('dictionaries', () => {
  it('have letters for sounds, apostrophes silent, other alphabets too', () => {
    expect([...letterDictionary(["it's", 'čaj'])]).toEqual([
      ["it's", ['I', 'T', 'S']],
      ['čaj', ['U010d', 'A', 'J']],
    ]);
    for (const letter of Array.from('azčůß')) expect(letterOfSound(soundOfLetter(letter))).toBe(letter);
    expect(letterOfSound('SIL')).toBe('');
    for (const word of ['a b', "'", 'x(2)', ''])
      expect(() => letterDictionary([word])).toThrow('hmm: expected words of letters and apostrophes');
  });

  it('have phones without stress, for the words that are known', () => {
    const pronunciations = { hello: 'HH AH0 L OW1', bad: '$(rm)' };
    expect([...phoneDictionary(['hello', 'other', 'constructor'], pronunciations)]).toEqual([
      ['hello', ['HH', 'AH', 'L', 'OW']],
    ]);
    expect(() => phoneDictionary(['bad'], pronunciations)).toThrow('found "$(rm)" for "bad"');
  });

  it('hold each word of texts once', () => {
    expect(vocabularyOf(['the cat', 'a cat', ''])).toEqual(['a', 'cat', 'the']);
  });
});

describe('trainingFiles', () => {
  const texts = [
    { id: 'training-0', text: 'be a' },
    { id: 'training-1', text: 'a' },
  ];
  const paths = { scripts: "/opt/it's/sphinxtrain/scripts", programs: '/opt/bin' };
  const settings = { senones: 200, gaussians: 8, processes: 2 };
  const files = trainingFiles(texts, letterDictionary(['a', 'be']), settings, '/some/$x"\\', paths);

  it('are what sphinxtrain wants, byte by byte', () => {
    const { 'etc/sphinx_train.cfg': configuration, ...others } = files;
    expect(others).toEqual({
      'etc/hmm.dic': 'a A\nbe B E\n',
      'etc/hmm.filler': '<s> SIL\n</s> SIL\n<sil> SIL\n',
      'etc/hmm.phone': 'A\nB\nE\nSIL\n',
      'etc/hmm_train.fileids': 'training-0\ntraining-1\n',
      'etc/hmm_train.transcription': '<s> be a </s> (training-0)\n<s> a </s> (training-1)\n',
      'etc/feat.params':
        '-lowerf 130\n-upperf 6800\n-nfilt 25\n-transform dct\n-lifter 22\n-feat 1s_c_d_dd\n-agc none\n-cmn batch\n-varnorm no\n',
    });
    expect(configuration).toMatch(/^\$CFG_VERBOSE = 1;\n/u);
    expect(configuration).toMatch(/\$CFG_N_TIED_STATES = 200;\n/u);
    expect(configuration).toMatch(/\$CFG_FINAL_NUM_DENSITIES = 8;\n/u);
    expect(configuration).toMatch(/\$CFG_QUEUE_TYPE = 'Queue::POSIX';\n/u);
    expect(configuration).toMatch(/\$CFG_DONE = 1;\nreturn 1;\n$/u);
  });

  it('let no path be run as Perl', () => {
    const configuration = files['etc/sphinx_train.cfg']!;
    expect(configuration).toContain(`$CFG_BASE_DIR = '/some/$x"\\\\';\n`);
    expect(configuration).toContain(`$CFG_SCRIPT_DIR = '/opt/it\\'s/sphinxtrain/scripts';\n`);
    for (const line of configuration.trim().split('\n').slice(0, -1))
      expect(line).toMatch(/^\$CFG_[A-Z0-9_]+ = (-?[\d.]+|'([^'\\]|\\['\\])*');$/u);
  });
});

describe('parseHypotheses', () => {
  it('takes words, and leaves silence out', () => {
    const text = 'one <sil> two(2) (test-0-1 -1234)\n (test-0-2 -7)\nSIL A B SIL (x -1)\n';
    expect([...parseHypotheses(text)]).toEqual([
      ['test-0-1', ['one', 'two']],
      ['test-0-2', []],
      ['x', ['A', 'B']],
    ]);
    expect(() => parseHypotheses('nothing')).toThrow('expected lines of words and (ID score)');
  });
});

describe('spaced', () => {
  const texts = ['the cat', 'a cat sat', 'the mat', 'a mat', 'the cat sat', 'at the mat'];
  const model = new SentenceModel(
    texts.map((text) => Array.from(text)),
    { order: 6 },
  );

  it('puts spaces where the model wants them', () => {
    expect(spaced('thecatsat', model)).toBe('the cat sat');
    expect(spaced('amat', model)).toBe('a mat');
    expect(spaced('', model)).toBe('');
  });

  it('finds the likeliest of all spacings', () => {
    const letters = 'atthecat';
    const all = Array.from({ length: 2 ** 7 }, (_, spaces) =>
      Array.from(letters, (letter, at) => (at > 0 && (spaces >> (at - 1)) % 2 === 1 ? ` ${letter}` : letter)).join(''),
    );
    const likelihood = (text: string) => model.logProbability(Array.from(text));
    expect(spaced(letters, model)).toBe(
      all.reduce((one, other) => (likelihood(other) > likelihood(one) ? other : one)),
    );
  });
});

describe('without the programs', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it('says in one line which are missing, and what to install', async () => {
    vi.stubEnv('PATH', '/nowhere');
    await expect(findHmmTools()).rejects.toThrow(
      /^hmm: expected sphinxtrain and pocketsphinx, found no .*sphinx_fe.*; on Debian: apt-get install sphinxtrain sphinxbase-utils pocketsphinx$/u,
    );
  });
});

/** Pairs of tones by letter, of 120 ms, with noise: a language of three sounds. */
const TONES: Readonly<Record<string, readonly number[]>> = { a: [400, 1900], m: [700, 900], t: [2600, 4100] };
const LETTER_IN_SAMPLES = 1920;

function play(text: string, seed: number): Float32Array {
  const letters = Array.from(text.replaceAll(' ', ''));
  const random = RandomNumbers.fromSeed(seed);
  const samples = random.normalValues(letters.length * LETTER_IN_SAMPLES, 0, 0.01);
  const pitch = 0.97 + 0.06 * random.uniformValues(1)[0]!;
  for (const [index, letter] of letters.entries())
    for (let at = 0; at < LETTER_IN_SAMPLES; at++)
      for (const frequency of TONES[letter]!) {
        const place = index * LETTER_IN_SAMPLES + at;
        samples[place]! += 0.2 * Math.sin((2 * Math.PI * frequency * pitch * place) / 16_000);
      }
  return samples;
}

const tools = await findHmmTools().then(
  () => undefined,
  (error: unknown) => String(error),
);

describe.skipIf(tools !== undefined)(`a training by sphinxtrain${tools === undefined ? '' : ` (${tools})`}`, () => {
  // Words begin where an m is, so that spaces can be heard.
  const words = ['ma', 'mt', 'mat', 'mta', 'mata', 'mtat'];

  function utterances(count: number, seed: number, vocabulary: readonly string[]): HmmUtterance[] {
    return Array.from(
      RandomNumbers.fromSeed(seed)
        .integers(2 * count, 0, vocabulary.length)
        .subarray(0, count),
      (first, index) => {
        const text = `${vocabulary[first]!} ${vocabulary[(first + index) % vocabulary.length]!}`;
        return { text, samples: () => play(text, 1000 * seed + index) };
      },
    );
  }

  it('hears words, and words that it never heard by their letters', { timeout: 120_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'motley-hmm-'));
    const stages: string[] = [];
    const { tests, chosen, trainingUtterances } = await hmmBaseline(
      {
        training: utterances(60, 1, words),
        validation: utterances(6, 2, words),
        tests: { 'same words': utterances(12, 3, words), 'other words': utterances(12, 4, ['matat', 'mtata']) },
      },
      {
        folder,
        senones: [30],
        gaussians: 1,
        wordWeights: [6],
        letterWeights: [2],
        processes: 1,
        report: (stage) => stages.push(stage),
      },
    );
    await rm(folder, { recursive: true });
    const rate = (pairs: (typeof tests)[string]['words'] | undefined) => errorRate(pairs!, 'characters').rate;
    expect(rate(tests['same words']!.words)).toBeLessThan(0.05);
    expect(rate(tests['same words']!.letters)).toBeLessThan(0.1);
    expect(rate(tests['other words']!.letters)).toBeLessThan(0.1);
    expect(rate(tests['other words']!.words)).toBeGreaterThan(0.3);
    expect(chosen).toEqual({ senones: 30, gaussians: 1, wordWeight: 6, letterWeight: 2 });
    expect(trainingUtterances).toBe(60);
    expect(stages).toContain('50.cd_hmm_tied');
  });
});
