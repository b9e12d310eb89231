import { defineConfig, trainingFields, type ConfigOf } from '@motley/core';
import { z } from 'zod';

/** Every choice of a run, with the reason for its default. */
export const config = defineConfig(
  z.strictObject({
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
    }),
    data: z.strictObject({
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
        optimizer: { default: 'adam', reason: "as PyTorch's example; the KL term is regularisation enough" },
        warmupSteps: { default: 200, reason: 'half an epoch of rising rate: the first steps are steep' },
      }),
    ),
    evaluation: z.strictObject({
      noiseSeeds: z.int().min(1).default(5).describe('posterior samples per test image: the spread of the estimate'),
    }),
  }),
  {
    presets: {
      dense: { description: 'perceptrons, 20 latents', config: {} },
      convolutional: { description: 'convolutions, 20 latents', config: { model: { kind: 'convolutional' } } },
      'dense-2': { description: 'perceptrons, 2 latents: to look at', config: { model: { latentSize: 2 } } },
      'convolutional-2': {
        description: 'convolutions, 2 latents: to look at',
        config: { model: { kind: 'convolutional', latentSize: 2 } },
      },
    },
    fast: {
      model: { hiddenSizes: [256], channels: [8, 16], featureSize: 128 },
      training: { steps: 300, warmupSteps: 50, logEverySteps: 25 },
      evaluation: { noiseSeeds: 2 },
    },
  },
);

export type VaeConfig = ConfigOf<typeof config>;
