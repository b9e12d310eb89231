import { trainingFields } from '@motley/core';
import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';

const examples = z.int().min(20).max(10_000_000);
const share = z.number().min(0).max(1);

const TOPICS = Object.freeze([
  'art',
  'computers',
  'education',
  'food',
  'law',
  'literature',
  'love',
  'politics',
  'science',
  'sports',
]);

const schema = z.strictObject({
  data: z.strictObject({
    source: z
      .enum(['synthetic', 'fortunes', 'speeches', 'tweets'])
      .default('synthetic')
      .describe(
        "synthetic: drawn tweets whose best classifier is known; fortunes: Debian's package; speeches: the State of the Union, from npm; tweets: a CSV by --data",
      ),
    task: z
      .enum(['party', 'words'])
      .default('party')
      .describe('speeches and tweets: whose text it is; words: which of ten words of each party was taken out of it'),
    split: z
      .enum(['speaker', 'random'])
      .default('speaker')
      .describe(
        'speeches and tweets: whole speakers are held out; random splits flatter, as they share topics and times with the training',
      ),
    topics: z
      .array(z.string().min(1))
      .min(2)
      .max(50)
      .default([...TOPICS])
      .describe('fortunes: files of the package, which are topics rather than styles'),
    since: z.int().default(1900).describe('speeches: first year; the parties of earlier ones were others'),
    parties: z.int().min(1).max(10).default(2).describe('synthetic: parties, as in the original task'),
    wordsPerParty: z.int().min(1).max(50).default(10).describe('synthetic and words: words taken out, for each party'),
    groups: z.int().min(2).max(100).default(16).describe('synthetic: groups of synonyms on each side of a phrase'),
    synonyms: z
      .int()
      .min(1)
      .max(100)
      .default(12)
      .describe('synthetic: so many that pairs of words are rarely seen twice'),
    backgroundWords: z.int().min(10).max(100_000).default(2000).describe('synthetic: words outside phrases'),
    phraseRate: share.default(0.12).describe('synthetic: two phrases in a usual text; one alone leaves classes open'),
    topicSkew: z.number().min(0).max(2).default(0.15).describe('synthetic: single words tell almost nothing'),
    largestGap: z.int().min(0).max(8).default(0).describe('synthetic: words of a phrase stand side by side'),
    lengths: z
      .array(z.int().min(2).max(500))
      .length(2)
      .default([9, 32])
      .describe('synthetic: shortest and longest text in words, as tweets have'),
    trainingExamples: examples.default(60_000).describe('synthetic: texts of an epoch'),
    fresh: z
      .boolean()
      .default(true)
      .describe('synthetic: each epoch draws new texts, which costs nothing; false learns the same texts each epoch'),
    validationExamples: examples.default(5000).describe('synthetic: choose the best checkpoint'),
    testExamples: examples.default(10_000).describe('synthetic: an accuracy with a standard error of 0.4 points'),
    heldOut: z
      .number()
      .gt(0)
      .max(0.4)
      .default(0.15)
      .describe('real texts: share of the validation part, and of the test part; of speakers where these are held out'),
    minCount: z.int().min(1).default(2).describe('real texts: a word seen once has a vector that nothing could teach'),
    largestVocabulary: z.int().min(10).max(200_000).default(30_000).describe('real texts: a bound of the memory'),
    longest: z.int().min(5).max(1000).default(80).describe('real texts: words read of a text; few are longer'),
    seed: z
      .int()
      .min(0)
      .default(1)
      .describe('seed of drawn texts and of splits; the training has its own, so each can vary alone'),
  }),
  model: z.strictObject({
    embedding: z
      .enum(['random', 'static', 'non-static', 'multichannel'])
      .default('random')
      .describe('Kim’s four variants: random vectors that are learned; given vectors, fixed, learned on, or both'),
    vectors: z
      .enum(['none', 'minilm'])
      .default('none')
      .describe('given vectors: minilm takes the table of all-MiniLM-L6-v2, where `vectors` has fetched it'),
    features: z
      .int()
      .min(1)
      .max(2048)
      .default(32)
      .describe('features of a word vector: as many as the drawn language has groups; given vectors have 384'),
    widths: z
      .array(z.int().min(1).max(20))
      .min(1)
      .default([2])
      .describe('words of a window; Kim has 3 to 5, but a drawn phrase has 2'),
    filters: z
      .int()
      .min(1)
      .max(2000)
      .default(384)
      .describe('filters of each width; 256 pairs of groups stand for classes, Kim has 100'),
    pooling: z
      .enum(['max', 'sum', 'both'])
      .default('sum')
      .describe('over time: a sum adds up evidence from several places; max, as Kim has, cannot'),
    dropout: z
      .number()
      .min(0)
      .lt(1)
      .default(0)
      .describe('of the features of a text; none, as drawn texts never repeat; Kim has 0.5'),
    maxNorm: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe('longest weight vector of a class; null for no limit, Kim has 3'),
  }),
  training: z.strictObject({
    ...trainingFields({
      epochs: { default: 8, reason: 'half a million texts, as each epoch draws new ones' },
      batchSize: { default: 64, reason: 'near Kim’s 50' },
      learningRate: { default: 5e-3, reason: 'five times the usual rate of AdamW, which a network this shallow bears' },
    }),
  }),
});

/** The network as Kim published it, but for its features and widths. */
const KIM = { pooling: 'max', filters: 100, dropout: 0.5, maxNorm: 3 } as const;

/** Every choice of a run, with the reason for its default. */
export const config = defineConfig(schema, {
  presets: {
    fortunes: {
      description: "topics of Debian's fortunes, 4,000 texts",
      config: {
        data: { source: 'fortunes', split: 'random' },
        model: { ...KIM, features: 128, widths: [2, 3, 4, 5] },
        training: { epochs: 12, batchSize: 50, learningRate: 1e-3 },
      },
    },
    'fortunes-minilm': {
      description: 'the same with the word vectors of all-MiniLM-L6-v2, which `fetch` brings',
      config: {
        data: { source: 'fortunes', split: 'random' },
        model: { ...KIM, embedding: 'static', vectors: 'minilm', features: 384, widths: [2, 3, 4, 5] },
        training: { epochs: 12, batchSize: 50, learningRate: 1e-3 },
      },
    },
    speeches: {
      description: 'party of a sentence of the State of the Union, whole presidents held out',
      config: {
        data: { source: 'speeches' },
        model: { ...KIM, features: 64, widths: [2, 3], filters: 64 },
        training: { epochs: 2, batchSize: 100, learningRate: 1e-3 },
      },
    },
    tweets: {
      description: 'party of a tweet, whole handles held out; needs --data',
      config: {
        data: { source: 'tweets' },
        model: { ...KIM, features: 64, widths: [2, 3, 4, 5] },
        training: { epochs: 3, batchSize: 100, learningRate: 1e-3 },
      },
    },
    kim: {
      description: 'the network as Kim published it: widths 3 to 5, maximum over time',
      config: { model: { ...KIM, features: 64, widths: [3, 4, 5] }, training: { epochs: 10 } },
    },
  },
  fast: {
    data: { trainingExamples: 4000, validationExamples: 500, testExamples: 1000, groups: 4, wordsPerParty: 2 },
    model: { features: 16, filters: 32 },
    training: { epochs: 15, batchSize: 100, learningRate: 0.01 },
  },
});

export type TweetCnnConfig = ConfigOf<typeof config>;
