import { RandomNumbers, UserError } from '@motley/run';
import type { TweetCnnConfig } from './config.ts';
import { type LabeledTexts, padded, type Parties, type TextData } from './labeled-texts.ts';
import { drawTweets } from './synthetic/synthetic-tweets.ts';
import type { Corpus, CorpusText } from './texts/corpus.ts';
import { loadFortunes } from './texts/fortunes.ts';
import { loadSpeeches } from './texts/speeches.ts';
import { splitSpeakers, splitTexts } from './texts/split.ts';
import { markedWords, takeOut } from './texts/taken-words.ts';
import { loadTweets } from './texts/tweets.ts';
import { type Labels, Vocabulary } from './vocabulary.ts';
import { miniLmVectors, miniLmVocabulary, type WordPieces } from './word-pieces.ts';

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
      throw new UserError(
        '--data: expected data.source fortunes, speeches or tweets, got synthetic, which reads no file',
      );
    if (model.vectors !== 'none')
      throw new UserError(
        'model.vectors: expected none for data.source synthetic, whose words are invented, got minilm',
      );
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
  const random = RandomNumbers.fromSeed(data.seed).fork('split');
  const bySpeaker = data.split === 'speaker' && data.source !== 'fortunes';
  const parts = (bySpeaker ? splitSpeakers : splitTexts)(whole, data.heldOut, random);
  const isWords = data.task === 'words' && data.source !== 'fortunes';
  // The words are chosen by the training part alone.
  const marked = isWords ? markedWords({ ...whole, texts: parts.training }, data.wordsPerParty) : undefined;
  const examples = (texts: readonly CorpusText[]) => (marked === undefined ? texts : takeOut(texts, marked));
  const classNames = marked?.map(({ word, party }) => `${whole.classNames[party]!}: ${word}`) ?? whole.classNames;
  if (labels !== undefined && labels.classNames.join() !== classNames.join())
    throw new UserError(
      `data: expected the classes of the checkpoint, ${labels.classNames.join(', ')}, found ${classNames.join(', ')}`,
    );
  const training = examples(parts.training);
  const validation = examples(parts.validation);
  const test = examples(parts.test);
  for (const [name, part] of Object.entries({ training, validation, test }))
    if (part.length === 0) throw new UserError(`data: expected a text or more in the ${name} part, found none`);
  // A checkpoint has its own vectors.
  const pieces = model.vectors === 'minilm' && labels === undefined ? await miniLmVocabulary() : undefined;
  const vocabulary = labels?.vocabulary ?? vocabularyOf(training, data, pieces);
  const encode = (texts: readonly CorpusText[]): LabeledTexts => ({
    symbols: padded(
      texts.map(({ words }) => vocabulary.encode(words)),
      data.longest,
    ),
    labels: Int32Array.from(texts, ({ label }) => label),
  });
  const parties: Parties | undefined = marked && {
    names: whole.classNames,
    ofClass: marked.map(({ party }) => party),
  };
  return {
    labels: { vocabulary, classNames },
    parties,
    length: data.longest,
    training: encode(training),
    trainingOf: undefined,
    validation: encode(validation),
    test: encode(test),
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
