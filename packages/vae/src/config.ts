import { trainingFields } from '@motley/core';
import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';

const schema = z
  .strictObject({
    model: z.strictObject({
      kind: z.enum(['dense', 'convolutional']).default('dense').describe('the paper has perceptrons on MNIST'),
      latentSize: z.int().min(1).default(20).describe("PyTorch's example has 20; the paper's figures have 2 to 200"),
      hiddenSizes: z
        .array(z.int().min(1))
        .min(1)
        .default([512, 256])
        .describe('dense: one layer more than the paper, narrowing; the decoder has them the other way round'),
      channels: z
        .array(z.int().min(1))
        .length(2)
        .default([32, 64])
        .describe('convolutional: channels at 14 × 14 and 7 × 7'),
      featureSize: z.int().min(1).default(256).describe('convolutional: width between feature maps and latents'),
      posterior: z
        .enum(['normal', 'point'])
        .default('normal')
        .describe(
          'a distribution over latents, as in the paper; point is a plain autoencoder, with no noise and no kl',
        ),
      neighborChannels: z
        .int()
        .min(0)
        .default(0)
        .describe(
          'pixels are independent given the latents, as in the paper; N > 0: each also sees those above and to the left of it, through a masked convolution, by N features',
        ),
      priorComponents: z
        .int()
        .min(0)
        .default(0)
        .describe('latents are of N(0, I), as in the paper; N > 0: of a mixture of N normals, learned with the rest'),
      priorFactors: z
        .int()
        .min(1)
        .default(1)
        .describe(
          'one mixture of all latents; N: the latents are N equal parts, each with a mixture of its own: for images of N things that do not depend on each other',
        ),
      imageChannels: z
        .union([z.literal(1), z.literal(3)])
        .default(1)
        .describe('one digit; 3: three digits as the channels of one image, 1,000 classes'),
    }),
    objective: z.strictObject({
      importanceSamples: z
        .int()
        .min(1)
        .default(1)
        .describe('the evidence lower bound; K > 1: the tighter bound of the importance-weighted autoencoder'),
      reconstructionWeight: z.number().min(0).default(1).describe('the bound weighs it with 1'),
      klWeight: z.number().min(0).default(1).describe('the bound weighs it with 1; the β of a β-VAE'),
      klWarmupSteps: z
        .int()
        .min(0)
        .default(0)
        .describe('not needed by one layer of latents; N: the weight of the kl rises from 0 over the first N steps'),
      centerWeight: z
        .number()
        .min(0)
        .default(0)
        .describe('learning without labels; more pulls the latents of a digit towards their center'),
    }),
    data: z.strictObject({
      pixels: z
        .enum(['gray', 'binarized'])
        .default('gray')
        .describe(
          "gray levels as probabilities, as PyTorch's example; binarized: drawn anew each time, for likelihoods",
        ),
      heldOutDigit: z
        .int()
        .min(0)
        .max(9)
        .nullable()
        .default(null)
        .describe('all ten are trained on; one is left out to be found as an anomaly'),
      validationExamples: z
        .int()
        .min(1)
        .max(59_999)
        .default(5000)
        .describe('held out of the 60,000 training images to choose the best checkpoint; the test images never are'),
    }),
    training: z.strictObject(
      trainingFields({
        epochs: { default: 10, reason: "as many as PyTorch's example, the figure that users know" },
        batchSize: { default: 128, reason: "as PyTorch's example" },
        learningRate: { default: 2e-3, reason: "twice that of PyTorch's example, for it falls to nothing by the end" },
        optimizer: { default: 'adam', reason: "as PyTorch's example; the KL term is regularization enough" },
        warmupSteps: { default: 200, reason: 'half an epoch of rising rate: the first steps are steep' },
      }),
    ),
    evaluation: z.strictObject({
      noiseSeeds: z.int().min(1).default(5).describe('posterior samples per test image: the spread of the estimate'),
      importanceSamples: z
        .int()
        .min(0)
        .default(0)
        .describe('gray levels have no likelihood; binarized: samples for that of each test image, 500 or more'),
      verified: z
        .boolean()
        .default(false)
        .describe('takes a while; true: the verification network judges reconstructions and generated images too'),
      likelihoodExamples: z
        .int()
        .min(1)
        .nullable()
        .default(null)
        .describe('all images; a number measures the likelihood of the first alone'),
    }),
  })
  .refine(({ model }) => model.neighborChannels === 0 || model.imageChannels === 1, {
    error: 'model.neighborChannels: expected 0 with 3 image channels, whose pixels are drawn independently',
  })
  .refine(({ model }) => model.latentSize % model.priorFactors === 0, {
    error: 'model.priorFactors: expected a divisor of model.latentSize',
  })
  .refine(({ model }) => model.priorFactors === 1 || model.priorComponents > 0, {
    error: 'model.priorFactors: expected 1 where the prior is no mixture; set model.priorComponents too',
  })
  .refine(({ model }) => model.posterior === 'normal' || model.priorComponents === 0, {
    error: 'model.priorComponents: expected 0 of a plain autoencoder, which has no prior',
  })
  .refine(({ model, objective }) => model.posterior === 'normal' || objective.importanceSamples === 1, {
    error: 'objective.importanceSamples: expected 1 of a plain autoencoder, whose posterior is a point',
  })
  .refine(({ objective }) => objective.importanceSamples === 1 || objective.reconstructionWeight === 1, {
    error: 'objective.reconstructionWeight: expected 1 with several importance samples, whose bound weighs it so',
  })
  .refine(({ model, objective }) => model.imageChannels === 1 || objective.centerWeight === 0, {
    error: 'objective.centerWeight: expected 0 with 3 image channels, which have no one digit',
  })
  .refine(({ model, data }) => model.imageChannels === 1 || data.heldOutDigit === null, {
    error: 'data.heldOutDigit: expected null with 3 image channels, which have no one digit',
  })
  .refine(({ model, evaluation }) => model.posterior === 'normal' || evaluation.importanceSamples === 0, {
    error: 'evaluation.importanceSamples: expected 0 of a plain autoencoder, which has no likelihood',
  });

/** Samples enough for the likelihood of a test image to be compared with published ones. */
const BINARIZED = { data: { pixels: 'binarized' }, evaluation: { importanceSamples: 500 } } as const;

/** Every choice of a run, with the reason for its default. */
export const config = defineConfig(schema, {
  presets: {
    dense: { description: 'perceptrons, 20 latents', config: {} },
    convolutional: { description: 'convolutions, 20 latents', config: { model: { kind: 'convolutional' } } },
    'dense-2': { description: 'perceptrons, 2 latents: to look at', config: { model: { latentSize: 2 } } },
    'convolutional-2': {
      description: 'convolutions, 2 latents: to look at',
      config: { model: { kind: 'convolutional', latentSize: 2 } },
    },
    autoencoder: { description: 'perceptrons, no noise and no kl', config: { model: { posterior: 'point' } } },
    beta: { description: 'β-VAE: the kl weighs three times', config: { objective: { klWeight: 3 } } },
    mixture: {
      description: 'convolutions, 20 latents with a mixture of normals for a prior: the best generated images',
      config: { model: { kind: 'convolutional', priorComponents: 100 } },
    },
    stacked: {
      description: 'convolutions, three digits as the channels of one image',
      config: { model: { kind: 'convolutional', imageChannels: 3, latentSize: 60, featureSize: 512 } },
    },
    'stacked-mixture': {
      description: 'the same, each third of the latents with a mixture of its own: the best three digits at once',
      config: {
        model: {
          ...{ kind: 'convolutional', imageChannels: 3, latentSize: 60, featureSize: 512 },
          ...{ priorComponents: 100, priorFactors: 3 },
        },
        training: { epochs: 40 },
      },
    },
    'dense-binarized': {
      description: 'perceptrons, binary pixels: for its likelihood',
      config: {
        ...BINARIZED,
        model: { hiddenSizes: [500, 500], latentSize: 50 },
        training: { epochs: 100, stepsPerCall: 10 },
      },
    },
    iwae: {
      description: 'convolutions, binary pixels, the importance-weighted bound of 5 samples',
      config: {
        ...BINARIZED,
        model: { kind: 'convolutional', latentSize: 50, priorComponents: 100 },
        objective: { importanceSamples: 5 },
        training: { epochs: 32, stepsPerCall: 5 },
      },
    },
    neighbors: {
      description: 'convolutions, binary pixels that see their neighbors: the best likelihood',
      config: {
        ...BINARIZED,
        model: { kind: 'convolutional', latentSize: 32, neighborChannels: 16, priorComponents: 100 },
        training: { epochs: 36, stepsPerCall: 5 },
      },
    },
  },
  fast: {
    model: { hiddenSizes: [256], channels: [8, 16], featureSize: 128 },
    training: { steps: 300, warmupSteps: 50, logEverySteps: 25 },
    evaluation: { noiseSeeds: 2, likelihoodExamples: 20 },
  },
});

export type VaeConfig = ConfigOf<typeof config>;
