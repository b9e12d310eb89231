import { type ConfigOf, defineConfig, shown } from '@motley/run';
import { z } from 'zod';
import { INITIALIZERS } from './initializers.ts';
import { ACTIVATIONS } from './layers/activation.ts';
import { LOSSES, REGULARIZERS } from './loss.ts';
import { OPTIMIZERS } from './optimizers.ts';

const count = z.int().min(1);
const activation = z.enum(ACTIVATIONS).default('linear');
const range = z.tuple([z.number(), z.number()]).refine(([low, high]) => low < high, 'expected [low, high], low < high');
const initial = z.union([z.enum(INITIALIZERS), range]).default('he');
const regularizerName = z.enum(REGULARIZERS);
const strength = z.number().min(0);

/** Training settings of a layer that replace the network's. */
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

/** A list of layers. Messages name the layer by its index. */
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

/** Every setting of a run, with the reason for its default. */
export const config = defineConfig(
  z.strictObject({
    model: z.strictObject({
      layers: layers
        .default(convolutional)
        .describe('two convolutions find strokes at any position; the last layer has a unit for each class'),
      loss: z.enum(LOSSES).default('crossEntropy').describe('negative log-likelihood of the classes'),
      regularizer: z.strictObject({
        type: regularizerName.default('l2').describe('penalty on the weights of layers without their own'),
        strength: strength.default(1e-4).describe('a little keeps weights small at no cost in accuracy'),
      }),
    }),
    data: z.strictObject({
      size: z.int().min(10).max(50).default(24).describe('side of a picture in pixels, from 10 to 50'),
      count: z.int().min(40).max(100_000).default(6000).describe('pictures: 70 % training, 20 % validation, 10 % test'),
      centered: z
        .boolean()
        .default(false)
        .describe('true centers every figure; figures at any position are the harder problem'),
      noise: z.number().min(0).max(0.5).default(0.05).describe('fraction of pixels flipped'),
      figureFraction: z
        .array(z.number().gt(0).max(1))
        .length(2)
        .refine(([low, high]) => low! <= high!, 'expected [smallest, largest]')
        .default([0.4, 0.9])
        .describe('smallest and largest side of a figure as a fraction of the picture; 5 pixels at least'),
    }),
    training: z.strictObject({
      epochs: count.default(12).describe('the validation loss is flat by then'),
      steps: count.nullable().default(null).describe('null: as many as the epochs take; a number ends the run there'),
      batchSize: count
        .default(32)
        .describe('gradients noisy enough to escape poor minima, matrix products large enough to be fast'),
      learningRate: z.number().positive().default(2e-3).describe('decays to 0 by half a cosine'),
      optimizer: z.enum(OPTIMIZERS).default('adam').describe('needs the least tuning'),
      seed: z.int().min(0).max(0xffff_ffff).default(0).describe('any; fixed, so that a run can be repeated'),
    }),
    evaluation: z.strictObject({
      optimum: z.boolean().default(false).describe('true also measures the Bayes-optimal classifier, which is slow'),
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
