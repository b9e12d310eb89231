import { RandomNumbers, UserError } from '@motley/run';
import type { TweetCnnConfig } from './config.ts';
import { type LabeledTexts, padded, type Parties, type TextData } from './labeled-texts.ts';
import { drawTweets } from './synthetic/synthetic-tweets.ts';
import type { Corpus, CorpusText } from './texts/corpus.ts';
import { loadFortunes } from './texts/fortunes.ts';
import { loadSpeeches } from './texts/speeches.ts';
import { splitSpeakers, splitTexts } from './texts/split.ts';
import { takeWords } from './texts/taken-words.ts';
import { loadTweets } from './texts/tweets.ts';
import { miniLmVectors, miniLmVocabulary, type WordPieces } from './word-pieces.ts';
import { type Labels, Vocabulary } from './vocabulary.ts';

/**
 * Loads the data of a configuration.
 * @param path value of `--data`
 * @param labels words and classes of a checkpoint; by default those of the training part
 * @throws UserError where a source needs a file, takes none, cannot be read, or has other classes than the checkpoint
 */
export async function loadData(config: TweetCnnConfig, path?: string, labels?: Labels): Promise<TextData> {
  const { data, model } = config;
  if (data.source === 'synthetic') {
    if (path !== undefined)
      throw new UserError('--data: expected data.source fortunes, speeches or tweets, got synthetic, which reads no file');
    if (model.vectors !== 'none')
      throw new UserError('model.vectors: expected none for data.source synthetic, whose words are invented, got minilm');
    return drawTweets(config);
  }
  return textData(config, await openCorpus(config, path), labels);
}

async function openCorpus({ data }: TweetCnnConfig, path: string | undefined): Promise<Corpus> {
  switch (data.source) {
    case 'fortunes':
      return loadFortunes(data.topics, path);
    case 'speeches':
      return loadSpeeches(data.since, path);
    default:
      if (path === undefined) throw new UserError('--data: expected a CSV of tweets for data.source tweets, got none');
      return loadTweets(path);
  }
}

/** Splits and encodes a corpus. */
async function textData({ data, model }: TweetCnnConfig, whole: Corpus, labels?: Labels): Promise<TextData> {
  const isWords = data.task === 'words' && data.source !== 'fortunes';
  const taken = isWords ? takeWords(whole, data.wordsPerParty) : undefined;
  const corpus = taken?.corpus ?? whole;
  const { classNames } = corpus;
  if (labels !== undefined && labels.classNames.join() !== classNames.join())
    throw new UserError(
      `data: expected the classes of the checkpoint, ${labels.classNames.join(', ')}, found ${classNames.join(', ')}`,
    );
  const random = RandomNumbers.fromSeed(data.seed).fork('split');
  const bySpeaker = data.split === 'speaker' && data.source !== 'fortunes';
  // Speakers are those of the whole corpus, so that tasks share their split.
  const parts = (bySpeaker ? splitSpeakers : splitTexts)(corpus, data.heldOut, random);
  for (const [name, part] of Object.entries(parts) as [string, readonly CorpusText[]][])
    if (part.length === 0) throw new UserError(`data: expected a text or more in the ${name} part, found none`);
  const pieces = model.vectors === 'minilm' ? await miniLmVocabulary() : undefined;
  const vocabulary = labels?.vocabulary ?? vocabularyOf(parts.training, data, pieces);
  const encode = (texts: readonly CorpusText[]): LabeledTexts => ({
    symbols: padded(
      texts.map(({ words }) => vocabulary.encode(words)),
      data.longest,
    ),
    labels: Int32Array.from(texts, ({ label }) => label),
  });
  const parties: Parties | undefined = taken && { names: whole.classNames, ofClass: taken.ofClass };
  return {
    labels: { vocabulary, classNames },
    parties,
    length: data.longest,
    training: encode(parts.training),
    validation: encode(parts.validation),
    test: encode(parts.test),
    optimum: undefined,
    vectors: pieces && (await miniLmVectors(pieces, vocabulary, model.features)),
  };
}

/** Words of the training part; with given vectors also all whole words that have one, for texts to come. */
function vocabularyOf(
  training: readonly CorpusText[],
  { minCount, largestVocabulary }: TweetCnnConfig['data'],
  pieces: WordPieces | undefined,
): Vocabulary {
  const words = training.map((text) => text.words);
  if (pieces === undefined) return Vocabulary.of(words, minCount, largestVocabulary);
  return Vocabulary.of(words, 1, largestVocabulary).with(pieces.wholeWords(), largestVocabulary);
}
