import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UserError } from '@motley/run';
import { errorRate, lettersOf, wordsOf, type Transcription } from '../../error-rates.ts';
import { arpa } from '../arpa.ts';
import { SentenceModel } from '../sentence-model.ts';
import { decode, type DecoderModels } from './decode.ts';
import {
  letterDictionary,
  letterOfSound,
  phoneDictionary,
  SILENCE,
  vocabularyOf,
  type Dictionary,
} from './dictionary.ts';
import { spaced } from './letter-spacing.ts';
import { findHmmTools } from './tools.ts';
import { computeFeatures, trainHmm, trainTied, type HmmWork, type SpokenText } from './train-hmm.ts';
import { EXPERIMENT } from './training-files.ts';

/** An utterance: samples at 16 kHz from -1 to 1, read when they are needed. */
export type HmmUtterance = Omit<SpokenText, 'id'>;

export interface HmmData {
  readonly training: readonly HmmUtterance[];
  /** Chooses the settings. */
  readonly validation: readonly HmmUtterance[];
  /** Sets of the test by name. */
  readonly tests: Readonly<Record<string, readonly HmmUtterance[]>>;
}

export interface HmmOptions {
  /** Folder for the trainer's files. */
  readonly folder: string;
  /**
   * Sounds of words, as in the CMU Pronouncing Dictionary; training utterances with other words are left out. Without it,
   * letters are the sounds, and utterances are decoded to letters too.
   */
  readonly pronunciations?: Readonly<Record<string, string>>;
  /** Numbers of senones to try. Default 500 and 1000 */
  readonly senones?: readonly number[];
  /** Most Gaussians of a senone to try, a power of two; its halves are tried too. Default 16 */
  readonly gaussians?: number;
  /** Weights of the language model of words to try. Default 4, 6.5 and 10 */
  readonly wordWeights?: readonly number[];
  /** Weights of the language model of letters to try. Default 1, 2 and 4 */
  readonly letterWeights?: readonly number[];
  /** Validation utterances that choose. Default 200 */
  readonly validationUtterances?: number;
  /** Default 2 */
  readonly processes?: number;
  readonly signal?: AbortSignal | undefined;
  readonly report?: (stage: string) => void;
}

/** Transcriptions of a set of the test. */
interface HmmHeard {
  /** By words of the training texts alone. */
  readonly words: readonly Transcription[];
  /** By letters, of a recognizer whose sounds are letters: any word may be heard. */
  readonly letters?: readonly Transcription[];
}

export interface HmmResult {
  readonly tests: Readonly<Record<string, HmmHeard>>;
  /** Settings that the validation chose. */
  readonly chosen: {
    readonly senones: number;
    readonly gaussians: number;
    readonly wordWeight: number;
    readonly letterWeight?: number;
  };
  /** Character error rate on the validation, by words. */
  readonly validationRate: number;
  /** Training utterances, without those with words that the dictionary lacks. */
  readonly trainingUtterances: number;
  readonly trainingSeconds: number;
  readonly decodingSeconds: number;
}

const DEFAULTS = {
  senones: [500, 1000],
  gaussians: 16,
  wordWeights: [4, 6.5, 10],
  letterWeights: [1, 2, 4],
  validationUtterances: 200,
  processes: 2,
} as const;
/** Pocketsphinx reads no longer n-grams. */
const ORDER = 3;
/** Letters that the model sees which puts spaces between letters. */
const SPACING_ORDER = 7;

/**
 * A recognizer of hidden Markov models with Gaussian mixtures, trained by sphinxtrain and decoded by pocketsphinx: on the
 * same sounds and texts as a network, and chosen by the same validation. The language models know the training texts.
 * @throws UserError where the programs are missing, or no training utterance has sounds
 */
export async function hmmBaseline(data: HmmData, options: HmmOptions): Promise<HmmResult> {
  const { pronunciations, signal, report } = options;
  const settings = { ...DEFAULTS, ...options };
  const tools = await findHmmTools();
  const work: HmmWork = { tools, folder: resolve(options.folder), signal, ...(report && { report }) };
  await mkdir(work.folder, { recursive: true });
  const words = vocabularyOf(data.training.map(({ text }) => text));
  const dictionary = pronunciations ? phoneDictionary(words, pronunciations) : letterDictionary(words);
  const named = (name: string, utterances: readonly HmmUtterance[]): SpokenText[] =>
    utterances.map((each, index) => ({ ...each, id: `${name}-${index}` }));
  const training = named('training', data.training).filter(({ text }) => isCovered(text, dictionary));
  if (training.length === 0) throw new UserError('hmm: expected training utterances of known words, found none');
  const validation = named('validation', data.validation.slice(0, settings.validationUtterances));
  const tests = Object.entries(data.tests).map(([name, each], index) => [name, named(`test-${index}`, each)] as const);

  const started = performance.now();
  await computeFeatures([...training, ...validation, ...tests.flatMap(([, each]) => each)], work);
  const models: Model[] = [];
  for (const [index, senones] of settings.senones.entries()) {
    const train = index === 0 ? trainHmm : trainTied;
    const { gaussians, processes } = settings;
    for (const [mixture, acoustic] of await train(training, dictionary, { senones, gaussians, processes }, work))
      models.push({ senones, gaussians: mixture, acoustic });
  }
  const trained = performance.now();

  const texts = training.map(({ text }) => text);
  const decoder = new Decoder(await writeLanguageModels(texts, dictionary, work), settings.processes, work);
  const rateOf = async (model: Model, weight: number, letters: boolean) =>
    errorRate(await decoder.hear(validation, model, weight, letters), 'characters').rate;
  const middle = settings.wordWeights[Math.floor(settings.wordWeights.length / 2)]!;
  const { choice: model } = await best(models, (each) => rateOf(each, middle, false));
  const { choice: wordWeight, rate } = await best(settings.wordWeights, (weight) => rateOf(model, weight, false));
  const letterWeight = pronunciations
    ? undefined
    : (await best(settings.letterWeights, (weight) => rateOf(model, weight, true))).choice;
  const heard: Record<string, HmmHeard> = {};
  for (const [name, utterances] of tests)
    heard[name] = {
      words: await decoder.hear(utterances, model, wordWeight, false),
      ...(letterWeight !== undefined && { letters: await decoder.hear(utterances, model, letterWeight, true) }),
    };
  const { senones, gaussians } = model;
  return {
    tests: heard,
    chosen: { senones, gaussians, wordWeight, ...(letterWeight !== undefined && { letterWeight }) },
    validationRate: rate,
    trainingUtterances: training.length,
    trainingSeconds: (trained - started) / 1000,
    decodingSeconds: (performance.now() - trained) / 1000,
  };
}

interface Model {
  readonly senones: number;
  readonly gaussians: number;
  readonly acoustic: string;
}

function isCovered(text: string, dictionary: Dictionary): boolean {
  const words = wordsOf(text);
  return words.length > 0 && words.every((word) => dictionary.has(word));
}

async function best<Choice>(
  choices: readonly Choice[],
  rateOf: (choice: Choice) => Promise<number>,
): Promise<{ choice: Choice; rate: number }> {
  const rates: number[] = [];
  for (const choice of choices) rates.push(await rateOf(choice));
  const place = rates.reduce((least, rate, index) => (rate < rates[least]! ? index : least), 0);
  return { choice: choices[place]!, rate: rates[place]! };
}

interface LanguageModels {
  readonly words: Omit<DecoderModels, 'acoustic'>;
  readonly letters: Omit<DecoderModels, 'acoustic'>;
  /** Puts spaces between letters. */
  readonly spacing: SentenceModel;
}

/** Language models of words and of sounds, as files. */
async function writeLanguageModels(
  texts: readonly string[],
  dictionary: Dictionary,
  { folder }: HmmWork,
): Promise<LanguageModels> {
  const [words, sounds] = ['words', 'sounds'].map((name) => join(folder, 'etc', `${name}.lm`));
  const sentences = texts.map((text) => wordsOf(text));
  // The decoder's sounds begin and end with silence.
  const spoken = sentences.map((sentence) => [SILENCE, ...sentence.flatMap((word) => dictionary.get(word)!), SILENCE]);
  await writeFile(words!, arpa(new SentenceModel(sentences, { order: ORDER })));
  await writeFile(sounds!, arpa(new SentenceModel(spoken, { order: ORDER })));
  return {
    words: { language: words!, dictionary: join(folder, 'etc', `${EXPERIMENT}.dic`) },
    letters: { language: sounds! },
    spacing: new SentenceModel(
      // The sounds have no apostrophes.
      texts.map((text) => lettersOf(text.replaceAll("'", ''))),
      { order: SPACING_ORDER, vocabulary: [' '] },
    ),
  };
}

class Decoder {
  readonly #models: LanguageModels;
  readonly #processes: number;
  readonly #work: HmmWork;

  constructor(models: LanguageModels, processes: number, work: HmmWork) {
    this.#models = models;
    this.#processes = processes;
    this.#work = work;
  }

  async hear(
    utterances: readonly SpokenText[],
    { acoustic, senones, gaussians }: Model,
    languageWeight: number,
    letters: boolean,
  ): Promise<Transcription[]> {
    const unit = letters ? 'letters' : 'words';
    this.#work.report?.(
      `decoding ${utterances.length} utterances by ${unit}: ${senones} senones, ${gaussians} Gaussians, weight ${languageWeight}`,
    );
    const heard = await decode(
      utterances.map(({ id }) => id),
      { acoustic, ...this.#models[unit] },
      { languageWeight, processes: this.#processes },
      this.#work,
    );
    return utterances.map(({ text }, index) => ({
      reference: text,
      hypothesis: letters ? this.#spelled(heard[index]!) : heard[index]!.join(' '),
    }));
  }

  #spelled(sounds: readonly string[]): string {
    return spaced(sounds.map((sound) => letterOfSound(sound)).join(''), this.#models.spacing);
  }
}
