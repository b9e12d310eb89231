import { trainingFields } from '@motley/core';
import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';

const TRANSLATION_SOURCES = ['grammar', 'dictionary', 'multi30k'] as const;
export const PLAYGROUND_SOURCES = ['copy', 'reverse', 'sort', 'addition', 'characters'] as const;

const modelFields = {
  kind: z.enum(['encoder-decoder', 'decoder']).default('encoder-decoder').describe('translation has a source'),
  width: z.int().min(2).default(128).describe('a quarter of the base model: thousands of pairs, not millions'),
  heads: z.int().min(1).default(4).describe('of 32 features each; half of those of the paper'),
  layers: z.int().min(1).default(2).describe('of the encoder and of the decoder'),
  feedForwardWidth: z.int().min(1).default(512).describe('four times the width, as in the paper'),
  maxLength: z.int().min(2).max(4096).default(128).describe('in symbols; sentences are shorter'),
  positions: z
    .enum(['sinusoidal', 'learned'])
    .default('sinusoidal')
    .describe("the paper's; learned ones were no better"),
  norm: z.enum(['pre', 'post']).default('pre').describe('trains without care for the warm-up (Xiong et al., 2020)'),
  tiedEmbeddings: z.boolean().default(true).describe('source, target and output share one table, as in the paper'),
  dropout: z.number().min(0).lt(1).default(0.1).describe("the paper's base model"),
};

const vocabulary = z.int().min(4).default(10_000).describe('of source and target together');

/** What a network needs: the fields of the configuration, and how many symbols there are. */
export const modelSchema = z.strictObject({ ...modelFields, vocabulary });

export type ModelConfig = z.output<typeof modelSchema>;

/** Every choice of a run, with the reason for its default. */
export const config = defineConfig(
  z.strictObject({
    model: z.strictObject(modelFields),
    data: z.strictObject({
      source: z
        .enum([...TRANSLATION_SOURCES, ...PLAYGROUND_SOURCES])
        .default('grammar')
        .describe('sentence pairs from a bilingual grammar, which need no file'),
      sentences: z.int().min(10).default(40_000).describe('grammar: pairs to learn from; there are millions'),
      heldOut: z.int().min(1).default(1000).describe('pairs for validation, and as many for the test'),
      phrases: z.boolean().default(true).describe('dictionary: learns from phrases too; the test is of sentences'),
      seed: z.int().min(0).max(0xffff_ffff).default(0).describe('of the split: runs of other seeds have the same test'),
      merges: z
        .int()
        .min(1)
        .max(100_000)
        .default(1000)
        .describe('of the byte-pair encoding: the words of the grammar are few'),
      maxSymbols: z.int().min(4).default(48).describe('longer pairs are not learnt from: there are hardly any'),
      bucketBoundaries: z
        .array(z.int().min(2))
        .min(1)
        .default([8, 12, 16, 24, 48])
        .describe('longest sentences of each bucket, in symbols: few shapes, each compiled once'),
      maxLength: z.int().min(1).default(10).describe('playground: the longest questions in training'),
      examples: z.int().min(10).default(500).describe('playground: held-out questions of each length'),
    }),
    training: z.strictObject({
      ...trainingFields({
        epochs: { default: 4, reason: 'the held-out sentences are right by then' },
        batchSize: { default: 64, reason: 'pairs of 16 symbols; of longer ones fewer, of shorter ones more' },
        learningRate: { default: 1e-3, reason: 'a small network; it falls to nothing by the end' },
        optimizer: { default: 'adam', reason: 'as in the paper' },
        schedule: { default: 'cosine', reason: 'better than the inverse square root in a short training' },
        warmupSteps: { default: 300, reason: 'attention starts badly with Adam at its full rate' },
        maxGradientNorm: { default: 1, reason: 'tames the first steps' },
      }),
      labelSmoothing: z.number().min(0).lt(1).default(0).describe('the grammar is exact: nothing is to be doubted'),
    }),
    decoding: z.strictObject({
      beam: z.int().min(1).max(64).default(1).describe('the likeliest symbol each time; the grammar leaves no doubt'),
      lengthPenalty: z.number().min(0).max(10).default(1).describe('α of Wu et al. (2016): 0 favours short sentences'),
    }),
  }),
  {
    presets: {
      grammar: { description: 'English to German of a bilingual grammar; needs no file', config: {} },
      translation: {
        description: "English to German from Debian's trans-de-en",
        config: {
          data: { source: 'dictionary', merges: 2000 },
          training: { epochs: 20, learningRate: 2e-3, labelSmoothing: 0.1, emaDecay: 0.998 },
          decoding: { beam: 4 },
        },
      },
      multi30k: {
        description: 'English to German from the text files of Multi30k, in --data',
        config: {
          model: { width: 256, layers: 3, feedForwardWidth: 1024, dropout: 0.3 },
          data: { source: 'multi30k', merges: 10_000 },
          training: { epochs: 30, labelSmoothing: 0.1, emaDecay: 0.998 },
          decoding: { beam: 4 },
        },
      },
      copy: { description: 'playground: say it again', config: play('copy') },
      reverse: { description: 'playground: say it backwards', config: play('reverse') },
      sort: { description: 'playground: put letters in order', config: play('sort') },
      addition: {
        description: 'playground: add two numbers of up to five digits',
        config: play('addition', { data: { maxLength: 5 }, training: { steps: 4000 } }),
      },
      characters: {
        description: 'playground: a language model of letters, the decoder alone',
        config: play('characters', {
          model: { kind: 'decoder', maxLength: 256 },
          data: { maxLength: 128 },
          training: { batchSize: 32, learningRate: 3e-3 },
        }),
      },
    },
    fast: {
      model: { width: 64, heads: 4, feedForwardWidth: 128, maxLength: 64 },
      data: { sentences: 2000, heldOut: 100, merges: 500, maxLength: 10, examples: 20, bucketBoundaries: [24, 48] },
      training: { steps: 150, warmupSteps: 20, logEverySteps: 25 },
    },
  },
);

export type TransformerConfig = ConfigOf<typeof config>;

/** A small network on examples that are drawn and thrown away. */
function play(
  source: (typeof PLAYGROUND_SOURCES)[number],
  { model = {}, data = {}, training = {} }: Readonly<Partial<Record<'model' | 'data' | 'training', object>>> = {},
) {
  const steps = { steps: 1500, stepsPerEpoch: 500, stepsPerCall: 10 };
  return {
    model: { width: 64, feedForwardWidth: 256, dropout: 0, ...model },
    data: { source, ...data },
    training: { ...steps, learningRate: 2e-3, warmupSteps: 100, ...training },
  };
}
