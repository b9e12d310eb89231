import { trainingFields } from '@motley/core';
import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';
import { LANGUAGES, type Language } from './alphabet.ts';

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
    .default(1)
    .describe("each halves the time; the paper's three leave 12 steps a second, fewer than fast speech has letters"),
  framesPerStep: z
    .int()
    .min(1)
    .max(10)
    .default(2)
    .describe('neighboring frames that the listener reads as one, so its first layer has half of the steps'),
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
  dropout: z
    .number()
    .min(0)
    .lt(1)
    .default(0.1)
    .describe('the same features at every step; training ends long before it would overfit'),
};

/** Settings of a network: the configuration's model fields, the width of its frames and the size of its alphabet. */
export const modelSchema = z.strictObject({
  ...modelFields,
  features: z.int().min(1),
  alphabetSize: z.int().min(4),
});

export type ModelConfig = z.output<typeof modelSchema>;

const featureFields = {
  kind: z.enum(['log-mel', 'mfcc']).default('log-mel').describe('mfcc is what the course gave'),
  bands: z.int().min(1).max(512).default(80).describe('bands of the mel scale, as in SpecAugment'),
  coefficients: z.int().min(1).max(512).default(15).describe('mfcc: coefficients, as the course gave'),
  deltas: z.boolean().default(false).describe('first and second differences over time; a BLSTM finds them itself'),
  windowInMs: z.number().min(1).max(1000).default(25).describe('the usual window'),
  hopInMs: z.number().min(1).max(1000).default(10).describe('the usual hop'),
};

const augmentationFields = {
  speed: share.max(0.5).default(0.1).describe('largest change of speed and pitch; Ko et al. (2015) take 0.1'),
  noise: share.default(0.2).describe('share of utterances with added noise; more slows a short training'),
  minSnrInDb: z.number().min(-20).max(60).default(10).describe('the loudest noise'),
  maxSnrInDb: z.number().min(-20).max(60).default(30).describe('the softest noise'),
  echo: share.default(0.1).describe('share of utterances in a room'),
  bandMasks: z.int().min(0).max(10).default(1).describe('SpecAugment: masks of neighboring bands'),
  maxBands: z.int().min(0).default(10).describe('SpecAugment: bands of the widest mask'),
  frameMasks: z.int().min(0).max(10).default(1).describe('SpecAugment: masks of neighboring frames'),
  maxFrames: z
    .int()
    .min(0)
    .default(10)
    .describe('SpecAugment: frames of the longest mask; a letter would be lost in more'),
};

const decodingFields = {
  beam: z.int().min(1).max(64).default(4).describe('candidates; 1 is greedy decoding'),
  ctcWeight: share
    .default(0.1)
    .describe('share of the CTC score in the search (Watanabe et al., 2017); chosen on the validation set'),
  symbolsPerStep: z.number().positive().max(10).default(1).describe('most symbols for each step of the listener'),
  lengthBonus: z.number().min(-10).max(10).default(0).describe('added to the score for each symbol'),
  lengthNormalization: z
    .number()
    .min(0)
    .max(10)
    .default(0)
    .describe('exponent of Wu et al. (2016); CTC scores need none'),
  endThreshold: z.number().min(1).nullable().default(1.5).describe('the end must be this near the likeliest letter'),
  coverageWeight: z.number().min(0).max(10).default(0).describe('bonus for each step that was attended to'),
  coverageThreshold: z.number().min(0).max(10).default(0.5).describe('attention that a covered step has had'),
  languageWeight: z.number().min(0).max(10).default(0).describe('factor of the log-probabilities of a language model'),
  longestPieceInSeconds: z
    .number()
    .min(1)
    .max(60)
    .default(4)
    .describe('longer sounds are cut at a pause or where they are softest; the training hears 1 to 3 s'),
};

const schema = z.strictObject({
  data: z.strictObject({
    source: z
      .enum(['synthesized', 'dialogs', 'synthesized-dialogs'])
      .default('synthesized')
      .describe("English sentences by a synthesizer; dialogs: a game's recordings; synthesized-dialogs: their texts"),
    language: z.enum(LANGUAGES).default('english').describe('letters of the transcripts'),
    utterances: z
      .int()
      .min(10)
      .max(1_000_000)
      .default(20_000)
      .describe('training utterances of 1 to 3 s, some 11 hours: new ones teach more than more epochs'),
    heldOut: z.int().min(4).default(400).describe('utterances of each held-out set'),
    synthesizer: z
      .enum(['auto', 'espeak-ng', 'flite'])
      .default('auto')
      .describe('espeak-ng where it is installed, with 80 voices; else flite from npm, with 5'),
    seed: z
      .int()
      .min(0)
      .max(0xffff_ffff)
      .default(1)
      .describe('seed of texts and voices; runs with other training seeds share them'),
    buckets: z
      .int()
      .min(1)
      .max(32)
      .default(6)
      .describe('groups of utterances of similar length; each is compiled once'),
    workers: z.int().min(0).max(64).default(1).describe('threads that augment and compute features'),
  }),
  features: z.strictObject(featureFields),
  augmentation: z.strictObject(augmentationFields),
  model: z.strictObject(modelFields),
  training: z.strictObject({
    ...trainingFields({
      epochs: { default: 4, reason: 'some three quarters of an hour on two cores' },
      batchSize: {
        default: 16,
        reason: 'a short training lacks updates: twice as many as with 32, in half as much time again',
      },
      learningRate: { default: 2e-3, reason: 'the attention is diagonal after two epochs' },
      warmupSteps: { default: 300, reason: 'attention is unstable at the full rate' },
      maxGradientNorm: { default: 1, reason: 'limits the steps of recurrent layers' },
    }),
    initialWeights: z
      .string()
      .nullable()
      .default(null)
      .describe("drawn from the seed; a run's folder or a file with weights, to go on from another training"),
    labelSmoothing: z
      .number()
      .min(0)
      .lt(1)
      .default(0)
      .describe('Chorowski & Jaitly (2017) advise 0.1, against overconfidence that a short training does not reach'),
    ctcWeight: share
      .default(0.5)
      .describe('share of the CTC loss at the start; attention alone finds the diagonal late or never'),
    finalCtcWeight: share.default(0.2).describe('share of the CTC loss at the end'),
    teacherForcing: share.default(1).describe('probability at the start that the speller is told the letter before'),
    finalTeacherForcing: share.default(0.9).describe('the same at the end, so that the speller learns from its errors'),
  }),
  decoding: z.strictObject(decodingFields),
});

/** Every choice of a run, with the reason for its default. */
export const config = defineConfig(schema, {
  presets: {
    small: {
      description: 'a smaller network on fewer sentences, for a first look',
      config: { data: { utterances: 6000 }, model: { listenerUnits: 96, spellerUnits: 192 }, training: { epochs: 4 } },
    },
    czech: {
      description: "Czech game dialogues of Debian's fillets-ng-data-cs, recorded; 75 minutes",
      config: dialogs('czech', 'dialogs'),
    },
    'czech-synthesized': {
      description: "espeak-ng's Czech, to start czech from (training.initialWeights)",
      config: dialogs('czech', 'synthesized-dialogs'),
    },
    dutch: {
      description: "Dutch game dialogues of Debian's fillets-ng-data-nl, recorded; 75 minutes",
      config: dialogs('dutch', 'dialogs'),
    },
    'dutch-synthesized': {
      description: "espeak-ng's Dutch, to start dutch from (training.initialWeights)",
      config: dialogs('dutch', 'synthesized-dialogs'),
    },
    course: {
      description: "a course's folders of mfcc/*.npy and transcript/*.npy, in --data",
      config: { features: { kind: 'mfcc' }, model: { framesPerStep: 2 } },
    },
  },
  fast: {
    data: { utterances: 96, heldOut: 8, buckets: 1 },
    model: { listenerUnits: 24, spellerUnits: 32, attentionSize: 16, embeddingSize: 16 },
    training: { epochs: 2, warmupSteps: 2, batchSize: 16, logEverySteps: 2 },
    decoding: { beam: 1, ctcWeight: 0 },
  },
});

export type LasSpeechConfig = ConfigOf<typeof config>;

export type FeatureSettings = LasSpeechConfig['features'];

export type AugmentationSettings = LasSpeechConfig['augmentation'];

function dialogs(language: Language, source: 'dialogs' | 'synthesized-dialogs') {
  return { data: { language, source } };
}
