import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { shown, UserError } from '@motley/run';
import type { Language } from './alphabet.ts';
import type { LasSpeechConfig } from './config.ts';
import type { CacheOptions } from './corpus/cache.ts';
import { openCorpus, type Corpus } from './corpus/corpus.ts';
import type { Speech } from './data.ts';
import { cacheRecordings } from './recordings/cache-recordings.ts';
import { loadFeatureFolder } from './recordings/course-folders.ts';
import { loadFilletsPackages } from './recordings/fillets.ts';
import { loadLibriSpeech } from './recordings/librispeech.ts';
import type { RecordingCollection } from './recordings/recording.ts';
import { partsByName } from './recordings/split.ts';
import { corpusDefaults, type SetName } from './synthesis/plan.ts';
import { makeSpeechCorpus, makeTextCorpus } from './synthesis/speech-corpus.ts';
import type { FeaturePart, SoundPart } from './utterances.ts';

type Settings = Pick<LasSpeechConfig, 'data' | 'features'>;
/** How long work is reported, and ended. */
type Options = Required<Pick<CacheOptions, 'report'>> & Pick<CacheOptions, 'signal'>;

/** Test sets of the English generator, by the names of their metrics. */
const testSets = {
  seenVoices: 'seen voices',
  unseenVoices: 'unseen voices',
  unseenWords: 'unseen words',
  otherSynthesizer: 'other synthesizer',
  long: 'long',
} as const satisfies Readonly<Record<string, SetName>>;

/**
 * Opens the speech of a configuration, and synthesizes or decodes it where it is not in the cache yet.
 * @param dataPath folder of LibriSpeech, or of a course's features
 * @param options take lines about synthesizer, voices, size and progress
 * @throws UserError where data are missing or damaged
 */
export async function openSpeech(settings: Settings, dataPath: string | undefined, options: Options): Promise<Speech> {
  const { source, language } = settings.data;
  if (dataPath !== undefined) {
    if (language !== 'english') throw new UserError(`data.language: expected english with --data, got ${language}`);
    const hasFeatures = (await stat(join(dataPath, 'mfcc')).catch(() => undefined))?.isDirectory() ?? false;
    return hasFeatures ? openFeatureFolder(settings, dataPath) : openRecorded(await loadLibriSpeech(dataPath), options);
  }
  switch (source) {
    case 'synthesized':
      if (language !== 'english')
        throw new UserError(`data.language: expected english with data.source synthesized, got ${language}`);
      return openSynthesized(settings, options);
    case 'dialogs':
      return openRecorded(await loadDialogs(language), options);
    case 'synthesized-dialogs':
      return openSynthesizedDialogs(settings, await loadDialogs(language), options);
  }
}

function loadDialogs(language: Language): Promise<RecordingCollection> {
  if (language === 'english') throw new UserError('data.language: expected czech or dutch for dialogs, got english');
  return loadFilletsPackages(language);
}

async function openSynthesized({ data }: Settings, options: Options): Promise<Speech> {
  const { utterances, heldOut, seed, synthesizer } = data;
  const texts = {
    ...corpusDefaults.texts,
    training: utterances,
    validation: Math.ceil(0.75 * heldOut),
    test: heldOut,
    unseenWords: heldOut,
    isolatedWords: Math.min(corpusDefaults.texts.isolatedWords, heldOut),
    long: Math.ceil(heldOut / 10),
  };
  const settings = { ...corpusDefaults, seed, texts, synthesizer, otherSynthesizer: Math.ceil(heldOut / 2) };
  const made = await makeSpeechCorpus(settings, options);
  const corpus = openCorpus(made.description);
  options.report(
    `${made.synthesizer}: ${made.learnedVoices.length} voices to learn and ${made.unseenVoices.length} never heard, ${corpus.length} utterances`,
  );
  const words = partOf(corpus, 'isolated words');
  const learned = new Set(made.learnedVoices);
  const isLearned = (index: number): boolean => learned.has(corpus.utterance(index).delivery!.voice);
  const tests = Object.entries(testSets).map(([name, set]) => [name, partOf(corpus, set)] as const);
  return {
    training: partOf(corpus, 'training'),
    validation: partOf(corpus, 'validation'),
    tests: {
      ...Object.fromEntries(tests.filter(([, { indices }]) => indices.length > 0)),
      isolatedWords: { ...words, indices: words.indices.filter((index) => !isLearned(index)) },
    },
    wordTemplates: { ...words, indices: words.indices.filter(isLearned) },
  };
}

async function openRecorded(collection: RecordingCollection, options: Options): Promise<Speech> {
  const description = await cacheRecordings(collection, options);
  const dropped = Object.entries(collection.dropped).map(([reason, count]) => `${count} with ${reason}`);
  options.report(
    `${collection.name}: ${collection.recordings.length} recordings${dropped.length === 0 ? '' : `; left out: ${dropped.join(', ')}`}`,
  );
  const corpus = openCorpus(description);
  return {
    training: partOf(corpus, 'training'),
    validation: partOf(corpus, 'validation'),
    tests: { test: partOf(corpus, 'test') },
  };
}

/** The training part's texts, each said by many voices; the recordings of the other parts are held out. */
async function openSynthesizedDialogs(
  { data: { utterances, seed, language } }: Settings,
  collection: RecordingCollection,
  options: Options,
): Promise<Speech> {
  const recorded = await openRecorded(collection, options);
  const texts = collection.recordings.filter(({ part }) => part === 'training').map(({ text }) => text);
  const many = Array.from({ length: utterances }, (_, index) => texts[index % texts.length]!);
  const description = await makeTextCorpus(many, language, { ...corpusDefaults, seed }, options);
  return { ...recorded, training: partOf(openCorpus(description), 'training') };
}

async function openFeatureFolder({ features }: Settings, folder: string): Promise<Speech> {
  if (features.kind !== 'mfcc' || features.deltas)
    throw new UserError(
      `features: expected mfcc without deltas for the features in ${folder}, got ${shown(features.kind)}${features.deltas ? ' with deltas' : ''}`,
    );
  const collection = await loadFeatureFolder(folder);
  const partOfId = partsByName(collection.utterances.map(({ id }) => id));
  const part = async (name: string): Promise<FeaturePart> => {
    const places = [...collection.utterances.keys()].filter(
      (place) => partOfId.get(collection.utterances[place]!.id) === name,
    );
    const frameCounts = new Int32Array(places.length);
    for (const [index, place] of places.entries())
      frameCounts[index] = (await collection.features(place, features.coefficients)).count;
    return { files: places.map((place) => collection.utterances[place]!), frameCounts };
  };
  return {
    training: await part('training'),
    validation: await part('validation'),
    tests: { test: await part('test') },
  };
}

function partOf(corpus: Corpus, set: Parameters<Corpus['indicesOf']>[0]): SoundPart {
  return { corpus: corpus.description, indices: corpus.indicesOf(set) };
}
