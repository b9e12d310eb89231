import { trainingFields } from '@motley/core';
import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';
import { Alphabet, LETTERS, type Language } from './alphabet.ts';

const share = z.number().min(0).max(1);

const modelFields = {
  heads: z
    .enum(['both', 'attention', 'ctc'])
    .default('both')
    .describe('the speller, and the CTC head that helps the listener and the search; one of them alone for comparison'),
  listenerUnits: z
    .int()
    .min(1)
    .default(128)
    .describe('units of each direction; half of the paper for a hundredth of its speech'),
  pyramidLayers: z
    .int()
    .min(0)
    .max(5)
    .default(2)
    .describe("each halves the time; the paper's three leave 12 steps a second, fewer than fast speech has letters"),
  framesPerStep: z.int().min(1).max(10).default(1).describe('neighboring frames that the listener reads as one'),
  attention: z
    .enum(['location', 'dot-product'])
    .default('location')
    .describe('knows where it looked last (Chorowski et al., 2015); dot-product is the paper'),
  attentionSize: z.int().min(1).default(128).describe('features of keys and queries'),
  locationFilters: z.int().min(1).default(10).describe('as Chorowski et al.'),
  locationRadius: z.int().min(1).default(10).describe('steps to each side, 0.4 s'),
  spellerUnits: z.int().min(1).default(256).describe('units of each of two LSTM cells; half of the paper'),
  embeddingSize: z.int().min(1).default(128).describe('features of a letter'),
  tiedEmbedding: z.boolean().default(false).describe('whether letters are read by the matrix that embeds them'),
  dropout: z.number().min(0).lt(1).default(0.2).describe('the same features at every step of a sequence'),
};

/** Settings of a network: the configuration's model fields, the width of its frames and the size of its alphabet. */
export const modelSchema = z.strictObject({
  ...modelFields,
  features: z.int().min(1),
  alphabetSize: z.int().min(4),
});

export type ModelConfig = z.output<typeof modelSchema>;

const schema = z.strictObject({
  model: z.strictObject(modelFields),
  training: z.strictObject({
    ...trainingFields({
      epochs: { default: 20, reason: 'to be decided' },
      batchSize: { default: 32, reason: 'to be decided' },
      learningRate: { default: 1e-3, reason: 'to be decided' },
      warmupSteps: { default: 300, reason: 'attention is unstable at the full rate' },
      maxGradientNorm: { default: 1, reason: 'limits the steps of recurrent layers' },
    }),
    labelSmoothing: z.number().min(0).lt(1).default(0.1).describe('as Chorowski & Jaitly (2017) advise'),
    ctcWeight: share
      .default(0.5)
      .describe('share of the CTC loss at the start; attention alone finds the diagonal late or never'),
    finalCtcWeight: share.default(0.2).describe('share of the CTC loss at the end'),
    teacherForcing: share.default(0.9).describe('probability at the start that the speller is told the letter before'),
    finalTeacherForcing: share.default(0.7).describe('the same at the end, so that the speller learns from its errors'),
  }),
});

/** Every choice of a run, with the reason for its default. */
export const config = defineConfig(schema, { presets: {}, fast: {} });

export type LasSpeechConfig = ConfigOf<typeof config>;

export function modelConfigOf(
  settings: Pick<LasSpeechConfig, 'model'>,
  features: number,
  language: Language,
): ModelConfig {
  return { ...settings.model, features, alphabetSize: Alphabet.of(language).size };
}
void LETTERS;
