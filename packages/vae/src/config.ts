import { trainingFields } from '@motley/core';
import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';

const schema = z
  .strictObject({
    model: z.strictObject({
      kind: z
        .enum(['dense', 'convolutional'])
        .default('dense')
        .describe('the paper uses multilayer perceptrons on MNIST'),
      latentSize: z.int().min(1).default(20).describe("as PyTorch's example; the paper's figures use 2 to 200"),
      hiddenSizes: z
        .array(z.int().min(1))
        .min(1)
        .default([512, 256])
        .describe(
          'dense: hidden layers of the encoder, one more than the paper; the decoder has them in reverse order',
        ),
      channels: z
        .array(z.int().min(1))
        .length(2)
        .default([32, 64])
        .describe('convolutional: channels of the 14 × 14 and 7 × 7 feature maps'),
      featureSize: z
        .int()
        .min(1)
        .default(256)
        .describe('convolutional: width of the layer between feature maps and latents'),
      posterior: z
        .enum(['normal', 'point'])
        .default('normal')
        .describe(
          'a normal distribution over latents, as in the paper; point: a plain autoencoder without noise and kl',
        ),
      neighborChannels: z
        .int()
        .min(0)
        .default(0)
        .describe(
          'pixels are independent given the latents, as in the paper; N > 0: each pixel also sees those above and to its left, through a masked convolution with N output channels',
        ),
      priorComponents: z
        .int()
        .min(0)
        .default(0)
        .describe('the prior is N(0, I), as in the paper; N > 0: a mixture of N normals, trained jointly'),
      priorFactors: z
        .int()
        .min(1)
        .default(1)
        .describe(
          'one mixture over all latents; N: one mixture for each of N equal parts of the latents, for images of N independent objects',
        ),
      imageChannels: z
        .union([z.literal(1), z.literal(3)])
        .default(1)
        .describe('one digit per image; 3: three digits as the channels of one image, 1,000 classes'),
    }),
    objective: z.strictObject({
      importanceSamples: z
        .int()
        .min(1)
        .default(1)
        .describe('1 is the evidence lower bound; K > 1: the tighter bound of the importance-weighted autoencoder'),
      reconstructionWeight: z.number().min(0).default(1).describe('1 in the evidence lower bound'),
      klWeight: z.number().min(0).default(1).describe('1 in the evidence lower bound; the β of a β-VAE'),
      klWarmupSteps: z
        .int()
        .min(0)
        .default(0)
        .describe(
          'one layer of latents needs no KL annealing; N: klWeight rises linearly from 0 over the first N steps',
        ),
      centerWeight: z
        .number()
        .min(0)
        .default(0)
        .describe('0 trains without labels; above 0: pulls the latents of a digit towards their center'),
    }),
    data: z.strictObject({
      pixels: z
        .enum(['gray', 'binarized'])
        .default('gray')
        .describe(
          "gray levels as probabilities, as PyTorch's example; binarized: binary samples, redrawn each step, for likelihoods",
        ),
      heldOutDigit: z
        .int()
        .min(0)
        .max(9)
        .nullable()
        .default(null)
        .describe('null trains on all ten digits; a digit: left out of training, to be detected as an anomaly'),
      validationExamples: z
        .int()
        .min(1)
        .max(59_999)
        .default(5000)
        .describe(
          'part of the 60,000 training images; they choose the best checkpoint, so that the test images choose nothing',
        ),
    }),
    training: z.strictObject(
      trainingFields({
        epochs: { default: 10, reason: "as PyTorch's example" },
        batchSize: { default: 128, reason: "as PyTorch's example" },
        learningRate: { default: 2e-3, reason: "twice that of PyTorch's example, since it decays to 0" },
        optimizer: { default: 'adam', reason: "as PyTorch's example; the KL term regularizes enough" },
        warmupSteps: { default: 200, reason: 'half an epoch; gradients of the first steps are large' },
      }),
    ),
    evaluation: z.strictObject({
      noiseSeeds: z
        .int()
        .min(1)
        .default(5)
        .describe('posterior samples per test image; they give the standard deviation of the loss'),
      importanceSamples: z
        .int()
        .min(0)
        .default(0)
        .describe(
          '0 skips the likelihood, which gray levels lack; binarized pixels: samples per test image, 500 or more',
        ),
      verified: z
        .boolean()
        .default(false)
        .describe('false saves time; true: the verification network also scores reconstructions and generated images'),
      likelihoodExamples: z
        .int()
        .min(1)
        .nullable()
        .default(null)
        .describe('null takes all test images; N: the likelihood of the first N only'),
    }),
  })
  .refine(({ model }) => model.neighborChannels === 0 || model.imageChannels === 1, {
    error: 'model.neighborChannels: expected 0 with 3 image channels, which the neighbor decoder does not support',
  })
  .refine(({ model }) => model.latentSize % model.priorFactors === 0, {
    error: 'model.priorFactors: expected a divisor of model.latentSize',
  })
  .refine(({ model }) => model.priorFactors === 1 || model.priorComponents > 0, {
    error: 'model.priorFactors: expected 1 without a mixture prior; set model.priorComponents too',
  })
  .refine(({ model }) => model.posterior === 'normal' || model.priorComponents === 0, {
    error: 'model.priorComponents: expected 0 for a plain autoencoder, which has no prior',
  })
  .refine(({ model, objective }) => model.posterior === 'normal' || objective.importanceSamples === 1, {
    error: 'objective.importanceSamples: expected 1 for a plain autoencoder, whose posterior is a point',
  })
  .refine(({ objective }) => objective.importanceSamples === 1 || objective.reconstructionWeight === 1, {
    error: 'objective.reconstructionWeight: expected 1 with several importance samples',
  })
  .refine(({ model, objective }) => model.imageChannels === 1 || objective.centerWeight === 0, {
    error: 'objective.centerWeight: expected 0 with 3 image channels, which show no single digit',
  })
  .refine(({ model, data }) => model.imageChannels === 1 || data.heldOutDigit === null, {
    error: 'data.heldOutDigit: expected null with 3 image channels, which show no single digit',
  })
  .refine(({ model, evaluation }) => model.posterior === 'normal' || evaluation.importanceSamples === 0, {
    error: 'evaluation.importanceSamples: expected 0 for a plain autoencoder, which has no likelihood',
  });

/** Takes enough importance samples for comparison with published likelihoods. */
const binarized = { data: { pixels: 'binarized' }, evaluation: { importanceSamples: 500 } } as const;

/** Every setting of a run, with the reason for its default. */
export const config = defineConfig(schema, {
  presets: {
    dense: { description: 'multilayer perceptrons, 20 latents', config: {} },
    convolutional: { description: 'convolutions, 20 latents', config: { model: { kind: 'convolutional' } } },
    'dense-2': { description: 'multilayer perceptrons, 2 latents for plotting', config: { model: { latentSize: 2 } } },
    'convolutional-2': {
      description: 'convolutions, 2 latents for plotting',
      config: { model: { kind: 'convolutional', latentSize: 2 } },
    },
    autoencoder: {
      description: 'plain autoencoder: multilayer perceptrons, no noise, no kl',
      config: { model: { posterior: 'point' } },
    },
    beta: { description: 'β-VAE with β = 3', config: { objective: { klWeight: 3 } } },
    mixture: {
      description: 'convolutions, 20 latents, mixture prior: the best generated images',
      config: { model: { kind: 'convolutional', priorComponents: 100 } },
    },
    stacked: {
      description: 'convolutions, three digits as the channels of one image',
      config: { model: { kind: 'convolutional', imageChannels: 3, latentSize: 60, featureSize: 512 } },
    },
    'stacked-mixture': {
      description: 'as stacked, with one mixture prior for each third of the latents: the best generated stacks',
      config: {
        model: {
          kind: 'convolutional',
          imageChannels: 3,
          latentSize: 60,
          featureSize: 512,
          priorComponents: 100,
          priorFactors: 3,
        },
        training: { epochs: 40 },
      },
    },
    'dense-binarized': {
      description: 'multilayer perceptrons, binary pixels, for likelihoods',
      config: {
        ...binarized,
        model: { hiddenSizes: [500, 500], latentSize: 50 },
        training: { epochs: 100, stepsPerCall: 10 },
      },
    },
    iwae: {
      description: 'importance-weighted autoencoder with 5 samples: convolutions, binary pixels, mixture prior',
      config: {
        ...binarized,
        model: { kind: 'convolutional', latentSize: 50, priorComponents: 100 },
        objective: { importanceSamples: 5 },
        training: { epochs: 32, stepsPerCall: 5 },
      },
    },
    neighbors: {
      description: 'convolutions, binary pixels that see their neighbors, mixture prior: the best likelihood',
      config: {
        ...binarized,
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
