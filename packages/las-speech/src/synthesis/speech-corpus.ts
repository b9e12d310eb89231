import { RandomNumbers, UserError } from '@motley/run';
import type { Language } from '../alphabet.ts';
import type { CorpusDescription } from '../corpus/corpus.ts';
import { openSynthesizer } from './open.ts';
import { corpusDefaults, planCorpus, planTexts, type CorpusSettings } from './plan.ts';
import { loadTextSources } from './sources.ts';
import { synthesize, type SynthesisOptions } from './synthesize.ts';
import type { Synthesizer, SynthesizerName } from './synthesizer.ts';
import { splitVoices } from './voices.ts';

export interface SpeechCorpusSettings extends CorpusSettings {
  /** `auto` is espeak-ng where it is on this machine, else flite. Default `auto`. */
  readonly synthesizer?: 'auto' | SynthesizerName;
}

/** Corpus, and what it was made with. Plain data. */
export interface SpeechCorpus {
  readonly description: CorpusDescription;
  /** Name and version: `espeak-ng 1.51`. */
  readonly synthesizer: string;
  readonly learnedVoices: readonly string[];
  readonly unseenVoices: readonly string[];
  /** Entropy of a sentence of the grammar, in bits. */
  readonly grammarEntropyInBits: number;
}

/**
 * Makes the English corpus, or finds it in the cache: training, validation and the sets of the test. With espeak-ng,
 * flite is the other synthesizer; flite alone has no other.
 * @throws UserError where the synthesizer is missing; StorageError for a full disk
 */
export async function makeSpeechCorpus(
  settings: SpeechCorpusSettings = corpusDefaults,
  options: Omit<SynthesisOptions, 'language'> = {},
): Promise<SpeechCorpus> {
  const { synthesizer = 'auto', ...planned } = settings;
  const [main, sources] = await Promise.all([openSynthesizer(synthesizer), loadTextSources()]);
  const other = main.name === 'flite' || planned.otherSynthesizer === 0 ? undefined : await openSynthesizer('flite');
  return closing([main, other], async (synthesizers) => {
    const { utterances, voices } = planCorpus(sources, main, other, planned);
    return {
      description: await synthesize(utterances, synthesizers, options),
      synthesizer: `${main.name} ${main.version}`,
      learnedVoices: voices.learned.map(({ name }) => name),
      unseenVoices: voices.unseen.map(({ name }) => name),
      grammarEntropyInBits: sources.grammar.entropyInNats / Math.LN2,
    };
  });
}

/**
 * Makes a corpus of texts from elsewhere, all of them training, as for pretraining on another language. Voices take
 * turns: `voices.learned` of them.
 * @param texts in lower case, with the letters of the language
 * @throws UserError for a text with other letters, or where no synthesizer speaks the language
 */
export async function makeTextCorpus(
  texts: readonly string[],
  language: Language,
  settings: SpeechCorpusSettings = corpusDefaults,
  options: Omit<SynthesisOptions, 'language'> = {},
): Promise<CorpusDescription> {
  if (texts.length === 0) throw new UserError('synthesis: expected texts, found none');
  const { synthesizer = 'auto', ...planned } = settings;
  const main = await openSynthesizer(synthesizer, language);
  return closing([main], (synthesizers) => {
    const { learned } = splitVoices(main.voices, planned.voices, RandomNumbers.fromSeed(planned.seed).fork('voices'));
    const utterances = planTexts(texts, main, learned, planned);
    return synthesize(utterances, synthesizers, { ...options, language });
  });
}

async function closing<T>(
  opened: readonly (Synthesizer | undefined)[],
  use: (synthesizers: readonly Synthesizer[]) => Promise<T>,
): Promise<T> {
  const synthesizers = opened.flatMap((each) => each ?? []);
  try {
    return await use(synthesizers);
  } finally {
    for (const each of synthesizers) await each.close();
  }
}
