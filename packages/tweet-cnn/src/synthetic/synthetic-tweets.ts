import { RandomNumbers, UserError } from '@motley/run';
import type { TweetCnnConfig } from '../config.ts';
import type { TextData } from '../labeled-texts.ts';
import { Vocabulary } from '../vocabulary.ts';
import { Language } from './language.ts';
import { posterior } from './posterior.ts';
import { inventedWords } from './words.ts';

const PARTY_NAMES = ['red', 'blue', 'green', 'yellow', 'black', 'white', 'orange', 'purple', 'brown', 'gray'];

/**
 * Draws tweets of parties, from which a word of each party was taken out: the class.
 * @throws UserError where lengths are in no order, or a text has no room for a phrase
 */
export function drawTweets({ data }: Pick<TweetCnnConfig, 'data'>): TextData {
  const { parties, wordsPerParty, groups, synonyms, backgroundWords, phraseRate, topicSkew, largestGap } = data;
  const [shortest, longest] = data.lengths as [number, number];
  if (shortest > longest || longest < 2 + largestGap)
    throw new UserError(
      `data.lengths: expected a shortest and a longest text with room for a phrase, ${2 + largestGap} words, got ${shortest} and ${longest}`,
    );
  const classes = parties * wordsPerParty;
  const language = new Language({
    classes,
    groups,
    synonyms,
    backgroundWords,
    phraseRate,
    topicSkew,
    largestGap,
    lengths: [shortest, longest],
    seed: data.seed,
  });
  const words = inventedWords(language.wordCount + classes);
  const names = PARTY_NAMES.slice(0, parties);
  const ofClass = Array.from({ length: classes }, (_, label) => Math.floor(label / wordsPerParty));
  const random = RandomNumbers.fromSeed(data.seed).fork('texts');
  return {
    labels: {
      vocabulary: new Vocabulary(words.slice(0, language.wordCount)),
      classNames: ofClass.map((party, label) => `${names[party]!}: ${words[language.wordCount + label]!}`),
    },
    parties: { names, ofClass },
    length: longest,
    training: language.draw(data.trainingExamples, random.fork('training')),
    trainingOf: data.fresh
      ? (epoch) => language.draw(data.trainingExamples, random.fork('training').fork(epoch))
      : undefined,
    validation: language.draw(data.validationExamples, random.fork('validation')),
    test: language.draw(data.testExamples, random.fork('test')),
    optimum: (symbols) => posterior(language, symbols),
    vectors: undefined,
  };
}
