import { trainingFields } from '@motley/core';
import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';

const TRANSLATION_SOURCES = ['grammar', 'dictionary', 'multi30k'] as const;
export const PLAYGROUND_SOURCES = ['copy', 'reverse', 'sort', 'addition', 'characters'] as const;

const modelFields = {
  kind: z.enum(['encoder-decoder', 'decoder']).default('encoder-decoder').describe('translation needs an encoder'),
  width: z
    .int()
    .min(2)
    .default(128)
    .describe("features; a quarter of the paper's base model, for thousands of pairs instead of millions"),
  heads: z
    .int()
    .min(1)
    .default(4)
    .describe("attention heads of 32 features each; half as many as the paper's base model"),
  layers: z.int().min(1).default(2).describe('layers of the encoder, and of the decoder'),
  feedForwardWidth: z.int().min(1).default(512).describe('four times the width, as in the paper'),
  maxLength: z.int().min(2).max(4096).default(128).describe('longest input in symbols; sentences are shorter'),
  positions: z
    .enum(['sinusoidal', 'learned'])
    .default('sinusoidal')
    .describe('positional encoding of the paper; learned embeddings were no better'),
  norm: z
    .enum(['pre', 'post'])
    .default('pre')
    .describe('layer norm before each sublayer is robust to the warm-up length (Xiong et al., 2020)'),
  tiedEmbeddings: z
    .boolean()
    .default(true)
    .describe('source, target and output share one embedding matrix, as in the paper'),
  dropout: z.number().min(0).lt(1).default(0.1).describe("rate of the paper's base model"),
};

const vocabulary = z.int().min(4).default(10_000).describe('size of the joint vocabulary of source and target');

/** Settings of a network: the configuration's model fields and the vocabulary size. */
export const modelSchema = z.strictObject({ ...modelFields, vocabulary });

export type ModelConfig = z.output<typeof modelSchema>;

/** All settings of a run, each with the reason for its default. */
export const config = defineConfig(
  z.strictObject({
    model: z.strictObject(modelFields),
    data: z.strictObject({
      source: z
        .enum([...TRANSLATION_SOURCES, ...PLAYGROUND_SOURCES])
        .default('grammar')
        .describe('sentence pairs from a bilingual grammar, without a file'),
      sentences: z.int().min(10).default(40_000).describe('grammar: training pairs, out of millions'),
      heldOut: z.int().min(1).default(1000).describe('validation pairs, and the same number of test pairs'),
      phrases: z
        .boolean()
        .default(true)
        .describe('dictionary: trains on phrases too; validation and test have sentences only'),
      seed: z
        .int()
        .min(0)
        .max(0xffff_ffff)
        .default(0)
        .describe('seed of the split; runs with other training seeds share the test set'),
      merges: z.int().min(1).max(100_000).default(1000).describe('byte-pair merges; the grammar has few words'),
      maxSymbols: z.int().min(4).default(48).describe('longer pairs are left out of training; hardly any are longer'),
      bucketBoundaries: z
        .array(z.int().min(2))
        .min(1)
        .default([8, 12, 16, 24, 48])
        .describe('maximum length of each bucket in symbols; few shapes, each compiled once'),
      maxLength: z.int().min(1).default(10).describe('toy tasks: longest question in training'),
      examples: z.int().min(10).default(500).describe('toy tasks: held-out questions per length'),
    }),
    training: z.strictObject({
      ...trainingFields({
        epochs: { default: 4, reason: 'held-out sentences are translated without errors by then' },
        batchSize: { default: 64, reason: 'pairs of 16 symbols; fewer longer ones, more shorter ones' },
        learningRate: { default: 1e-3, reason: 'suits a small network; decays to 0' },
        optimizer: { default: 'adam', reason: 'as in the paper' },
        schedule: { default: 'cosine', reason: 'better than the inverse square root in a short training' },
        warmupSteps: { default: 300, reason: 'attention is unstable if Adam starts at the full rate' },
        maxGradientNorm: { default: 1, reason: 'limits the first updates' },
      }),
      labelSmoothing: z
        .number()
        .min(0)
        .lt(1)
        .default(0)
        .describe('none, as each sentence of the grammar has one translation'),
    }),
    decoding: z.strictObject({
      beam: z.int().min(1).max(64).default(1).describe('candidates; greedy decoding suffices for the grammar'),
      lengthPenalty: z.number().min(0).max(10).default(1).describe('α of Wu et al. (2016); 0 favors short sentences'),
    }),
  }),
  {
    presets: {
      grammar: { description: 'English to German from a bilingual grammar; needs no file', config: {} },
      translation: {
        description: "English to German from the dictionary of Debian's trans-de-en",
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
      copy: { description: 'toy task: repeat the letters', config: toyTask('copy') },
      reverse: { description: 'toy task: reverse the letters', config: toyTask('reverse') },
      sort: { description: 'toy task: sort the letters', config: toyTask('sort') },
      addition: {
        description: 'toy task: add two numbers of up to five digits',
        config: toyTask('addition', { data: { maxLength: 5 }, training: { steps: 4000 } }),
      },
      characters: {
        description: 'toy task: character language model, decoder only',
        config: toyTask('characters', {
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

/** Preset of a toy task: a small network, each example drawn once. */
function toyTask(
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
