import { RandomStream } from '@motley/core';
import type { BpeTokenizer } from '@motley/core/text';
import { UserError } from '@motley/run';
import { loadText } from '@motley/run/node';
import type { TransformerConfig } from './config.ts';
import { parseDictionary } from './corpora/dictionary.ts';
import { BilingualGrammar } from './corpora/grammar/grammar.ts';
import { loadMulti30k } from './corpora/multi30k.ts';
import type { Corpus, SentencePair } from './corpora/sentence-pair.ts';
import { splitPairs } from './corpora/split.ts';
import { alignWords } from './corpora/word-alignment.ts';
import type { Example } from './playground/index.ts';
import { learnVocabulary } from './vocabulary.ts';

/** Path of the dictionary that Debian's package `trans-de-en` installs. */
export const DICTIONARY_PATH = '/usr/share/trans/de-en';

/** Sentence pairs and their tokenizer. */
export interface TranslationData extends Corpus {
  readonly tokenizer: BpeTokenizer;
}

/**
 * Loads sentence pairs for training, validation and test. The split depends only on `data.seed`, so runs with other
 * training seeds share the test set.
 * @param path the user's file or folder for the source
 * @param tokenizer tokenizer of the model; by default one is learned from the training pairs
 * @throws UserError if the data are missing or malformed
 */
export async function loadData(
  { data }: Pick<TransformerConfig, 'data'>,
  path?: string,
  tokenizer?: BpeTokenizer,
): Promise<TranslationData> {
  const corpus = await loadCorpus(data, path);
  const texts = corpus.training.flatMap(({ english, german }) => [english, german]);
  return { ...corpus, tokenizer: tokenizer ?? learnVocabulary(texts, data.merges) };
}

async function loadCorpus(data: TransformerConfig['data'], path: string | undefined): Promise<Corpus> {
  const random = RandomStream.fromSeed(data.seed).fork('split');
  if (data.source === 'multi30k') {
    const parts = await loadMulti30k(path);
    return { ...parts, words: alignWords(parts.training) };
  }
  if (data.source === 'dictionary') {
    const { pairs, words } = parseDictionary(await loadDictionary(path));
    if (pairs.length === 0)
      throw new UserError(`${path ?? DICTIONARY_PATH}: expected lines of German :: English with sentences, found none`);
    const { training, ...heldOut } = splitPairs(pairs, data.heldOut, random);
    return { ...heldOut, words, training: training.filter(({ kind }) => data.phrases || kind === 'sentence') };
  }
  if (path !== undefined)
    throw new UserError(`--data: expected data.source dictionary or multi30k, got ${data.source}, which reads no file`);
  const pairs = drawSentences(data.sentences + 2 * data.heldOut, random);
  const parts = {
    test: pairs.slice(0, data.heldOut),
    validation: pairs.slice(data.heldOut, 2 * data.heldOut),
    training: pairs.slice(2 * data.heldOut),
  };
  return { ...parts, words: alignWords(parts.training) };
}

async function loadDictionary(path: string | undefined): Promise<string> {
  if (path !== undefined) return loadText(path);
  return loadText(DICTIONARY_PATH).catch((error: unknown) => {
    throw new UserError(
      `${DICTIONARY_PATH}: expected the dictionary of Debian's trans-de-en: apt install trans-de-en, or give its path with --data`,
      { cause: error },
    );
  });
}

/** Sentences of the grammar with distinct English sides. */
function drawSentences(count: number, random: RandomStream): SentencePair[] {
  const grammar = new BilingualGrammar();
  const pairs = new Map<string, SentencePair>();
  // Repeats are rare: the grammar has millions of sentences.
  for (let draws = 0; pairs.size < count; draws++) {
    if (draws > 20 * count + 1000)
      throw new UserError(`data.sentences: expected fewer, as the grammar has not ${count} different sentences`);
    const { english, german } = grammar.sentence(random);
    pairs.set(english, { english, german, kind: 'sentence' });
  }
  return [...pairs.values()];
}

/** Encodes pairs, without begin and end symbols. */
export function encodePairs(pairs: readonly SentencePair[], tokenizer: BpeTokenizer): Example[] {
  return pairs.map(({ english, german }) => ({
    source: Array.from(tokenizer.encode(english)),
    target: Array.from(tokenizer.encode(german)),
  }));
}
