import { type ConfigOf, defineConfig, shown } from '@motley/run';
import { z } from 'zod';
import { INITIALISERS } from './initialisers.ts';
import { ACTIVATIONS } from './layers/activation.ts';
import { LOSSES, REGULARIZERS } from './loss.ts';
import { OPTIMISERS } from './optimisers.ts';

const count = z.int().min(1);
const activation = z.enum(ACTIVATIONS).default('linear');
const range = z.tuple([z.number(), z.number()]).refine(([low, high]) => low < high, 'expected [low, high], low < high');
const initial = z.union([z.enum(INITIALISERS), range]).default('he');
const regularizerName = z.enum(REGULARIZERS);
const strength = z.number().min(0);

/** What any layer may say of itself instead of the network. */
const ownTraining = {
  learningRate: z.number().positive().optional(),
  regularizer: z.strictObject({ type: regularizerName, strength: strength.default(1e-4) }).optional(),
};

const layer = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('dense'), units: count, activation, initial, ...ownTraining }),
  z.strictObject({
    type: z.literal('convolution'),
    filters: count,
    kernelSize: count.default(3),
    stride: count.default(1),
    padding: z.int().min(0).default(1),
    activation,
    initial,
    ...ownTraining,
  }),
  z.strictObject({ type: z.literal('maxPooling'), size: count.default(2) }),
  z.strictObject({ type: z.literal('averagePooling'), size: count.default(2) }),
  z.strictObject({ type: z.literal('flatten') }),
  z.strictObject({ type: z.literal('dropout'), rate: z.number().min(0).lt(1).default(0.5) }),
  z.strictObject({ type: z.literal('batchNorm'), learningRate: ownTraining.learningRate }),
]);

export type LayerConfig = z.output<typeof layer>;
type LayerInput = z.input<typeof layer>;

const LAYER_TYPES = layer.options.map(({ shape }) => shape.type.value);

/** A list of layers; what is wrong with one is said by its place, the key, and what was expected and came. */
const layers = z
  .array(z.unknown())
  .min(1)
  .transform((values, context): LayerConfig[] =>
    values.map((value, index) => {
      const result = layer.safeParse(value);
      if (result.success) return result.data;
      context.addIssue({ code: 'custom', message: `layer ${index}: ${explain(value, result.error.issues[0]!)}` });
      return z.NEVER;
    }),
  );

function explain(value: unknown, { code, path, message }: z.core.$ZodIssue): string {
  if (code === 'invalid_union' && path[0] === 'type')
    return `expected type to be one of ${LAYER_TYPES.join(', ')}, got ${shown((value as { type?: unknown }).type)}`;
  return path.length === 0 ? message : `${path.join('.')}: ${message}`;
}

const withDefaults = (values: readonly LayerInput[]): LayerConfig[] => values.map((value) => layer.parse(value));

const convolutional = withDefaults([
  { type: 'convolution', filters: 8, kernelSize: 5, padding: 2, activation: 'relu' },
  { type: 'maxPooling', size: 2 },
  { type: 'convolution', filters: 16, activation: 'relu' },
  { type: 'maxPooling', size: 2 },
  { type: 'flatten' },
  { type: 'dense', units: 32, activation: 'relu' },
  { type: 'dense', units: 4, activation: 'softmax', initial: 'glorot' },
]);
const dense = withDefaults([
  { type: 'flatten' },
  { type: 'dense', units: 128, activation: 'relu' },
  { type: 'dense', units: 32, activation: 'relu' },
  { type: 'dense', units: 4, activation: 'softmax', initial: 'glorot' },
]);

/** Every choice of a run, with the reason for its default. */
export const config = defineConfig(
  z.strictObject({
    model: z.strictObject({
      layers: layers
        .default(convolutional)
        .describe('two convolutions find strokes wherever they are; the last layer has a unit for each class'),
      loss: z.enum(LOSSES).default('crossEntropy').describe('the likelihood of the classes'),
      regularizer: z.strictObject({
        type: regularizerName.default('l2').describe('of the weights of all layers that have none of their own'),
        strength: strength.default(1e-4).describe('a little keeps the weights small, and costs no accuracy'),
      }),
    }),
    data: z.strictObject({
      size: z.int().min(10).max(50).default(24).describe('pixels to a side: from 10 to 50, as the course asks'),
      count: z.int().min(40).max(100_000).default(6000).describe('pictures, split into parts of 70, 20 and 10 %'),
      centred: z.boolean().default(false).describe('figures anywhere within the picture are the harder problem'),
      noise: z.number().min(0).max(0.5).default(0.05).describe('the part of the pixels that are turned over'),
      figureFraction: z
        .array(z.number().gt(0).max(1))
        .length(2)
        .refine(([low, high]) => low! <= high!, 'expected the smallest first')
        .default([0.4, 0.9])
        .describe('smallest and largest side of a figure, as parts of the picture; 5 pixels at least'),
    }),
    training: z.strictObject({
      epochs: count.default(12).describe('the validation loss is flat by then'),
      steps: count.nullable().default(null).describe('as many as the epochs take; a number ends the run there'),
      batchSize: count.default(32).describe('noisy enough to leave bad valleys, large enough for the products'),
      learningRate: z.number().positive().default(2e-3).describe('falls to nothing by half a cosine'),
      optimiser: z.enum(OPTIMISERS).default('adam').describe('needs the least tuning'),
      seed: z.int().min(0).max(0xffff_ffff).default(0).describe('any; fixed, so that a run can be repeated'),
    }),
    evaluation: z.strictObject({
      optimum: z
        .boolean()
        .default(false)
        .describe('true measures what the classifier that knows how pictures are drawn gets right; it takes its time'),
    }),
  }),
  {
    presets: {
      convolutional: { description: 'two convolutions and two dense layers', config: {} },
      dense: { description: 'three dense layers', config: { model: { layers: dense } } },
    },
    fast: { data: { count: 1500, size: 16 }, training: { epochs: 4 } },
  },
);

export type ScratchConfig = ConfigOf<typeof config>;
export type ModelConfig = ScratchConfig['model'];
export type DataConfig = ScratchConfig['data'];
