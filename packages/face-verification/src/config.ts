import { trainingFields } from '@motley/core';
import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';

const count = z.int().min(1).max(1_000_000);

const schema = z.strictObject({
  model: z.strictObject({
    backbone: z
      .enum(['convnext', 'resnet'])
      .default('convnext')
      .describe('the network of the paper; resnet is a twin of equal cost with batch normalization'),
    size: z
      .enum(['face', 'tiny', 'small', 'base', 'large'])
      .default('face')
      .describe('made for 64 × 64 pixels and two cores; the others are the published ConvNeXts'),
    stemStride: z
      .literal([2, 4])
      .default(2)
      .describe('patches overlap by half: with 4, as published, a face of 64 pixels begins as 16 × 16 positions'),
    layerScale: z
      .number()
      .positive()
      .nullable()
      .default(0.1)
      .describe('residuals count from the first step; the published 1e-6 is for networks of more blocks and steps'),
    stochasticDepth: z.number().min(0).lt(1).default(0).describe('few blocks and a short training need none'),
    embeddingSize: z
      .int()
      .min(2)
      .max(4096)
      .default(128)
      .describe('as in FaceNet; more than a face has degrees of freedom'),
    weights: z
      .string()
      .nullable()
      .default(null)
      .describe(
        "random ones; a .pth or .safetensors file of the authors', timm's or torchvision's ConvNeXt, or a run's checkpoint, starts the backbone",
      ),
  }),
  loss: z.strictObject({
    kind: z
      .enum(['softmax', 'center', 'cosface', 'arcface'])
      .default('center')
      .describe('softmax with center loss (Wen et al., 2016)'),
    centerWeight: z.number().min(0).default(0.01).describe('λ; far larger ones draw all embeddings into one point'),
    centers: z
      .enum(['averaged', 'learned'])
      .default('averaged')
      .describe('moved by each batch as in the paper; learned ones follow the gradient'),
    centerRate: z.number().gt(0).max(1).default(0.5).describe("α of the averaged centers, the paper's"),
    scale: z
      .number()
      .positive()
      .default(24)
      .describe('s of cosface and arcface: log of people and cosines set its range'),
    margin: z.number().min(0).max(1.5).default(0.3).describe('m of cosface (a cosine) and arcface (radians)'),
    marginWarmupSteps: z
      .int()
      .min(0)
      .default(500)
      .describe('the margin grows from 0: a full one at the start leaves small networks at chance'),
  }),
  data: z.strictObject({
    source: z
      .enum(['generated', 'orl'])
      .default('generated')
      .describe('drawn faces with a known bound; orl: the 40 people that fetch brings; --data replaces both'),
    people: z.int().min(2).max(1_000_000).default(2000).describe('generated: people that are trained on'),
    picturesPerPerson: count.default(16).describe('generated: pictures of each that are trained on'),
    heldOutPictures: z.int().min(0).default(2).describe('of each trained person, for the accuracy among them'),
    validationPeople: z.int().min(0).default(100).describe('generated: unseen people who set the threshold'),
    testPeople: z.int().min(2).default(200).describe('generated: unseen people who measure'),
    testPictures: z.int().min(2).default(10).describe('generated: pictures of each unseen person'),
    testShare: z
      .number()
      .gt(0)
      .lt(1)
      .default(0.5)
      .describe('folders: share of the people who measure, the last by name'),
    deviation: z
      .number()
      .positive()
      .default(0.5)
      .describe('generated: of the pictures of a person around the person, where people differ by 1'),
    size: z.int().min(16).max(512).default(64).describe('pixels of each side of a drawn face'),
    alignment: z
      .enum(['landmarks', 'none'])
      .default('landmarks')
      .describe(
        "turned upright by eyes, nose and mouth, of three quarters of the size: the generator's, or a folder's landmarks.csv",
      ),
    seed: z.int().min(0).default(1).describe('of the generated people; the training has its own'),
  }),
  training: z.strictObject({
    ...trainingFields({
      epochs: { default: 8, reason: '4,000 steps, by estimate a quarter of an hour on two idle cores; not tuned yet' },
      batchSize: { default: 64, reason: 'a usual size' },
      learningRate: { default: 2e-3, reason: 'usual for AdamW on a small network; not tuned yet' },
      weightDecay: { default: 0.05, reason: 'as published for ConvNeXt' },
      warmupSteps: { default: 200, reason: 'as published for ConvNeXt in kind: a short rise at the start' },
      maxGradientNorm: { default: 5, reason: 'bounds rare large steps of margins and centers' },
      emaDecay: { default: 0.998, reason: 'measures and saves a mean over the last few hundred steps' },
    }),
    augmentation: z
      .enum(['none', 'light', 'full'])
      .default('light')
      .describe('mirror, shift, gray and erased patches; full also turns, scales and recolors'),
  }),
  evaluation: z.strictObject({
    mirrored: z.boolean().default(true).describe('embeddings are the mean of a picture and its mirror image'),
    falseAcceptRate: z.number().gt(0).lt(1).default(0.01).describe('verify and identify accept so many strangers'),
    resamples: z.int().min(0).default(200).describe('of the people, for intervals'),
  }),
});

/** Every choice of a run, with the reason for its default. */
export const config = defineConfig(schema, {
  presets: {
    default: { description: 'softmax with center loss on generated faces', config: {} },
    softmax: { description: 'softmax alone', config: { loss: { kind: 'softmax' } } },
    cosface: { description: 'softmax with a margin of the cosine', config: { loss: { kind: 'cosface' } } },
    arcface: { description: 'softmax with a margin of the angle', config: { loss: { kind: 'arcface' } } },
    resnet: { description: 'the twin of equal cost', config: { model: { backbone: 'resnet' } } },
    orl: {
      description: 'the real faces of ORL: the first 20 people train, the other 20 test',
      config: {
        data: { source: 'orl' },
        training: { epochs: 60, batchSize: 20, learningRate: 5e-4, warmupSteps: 20, augmentation: 'full' },
      },
    },
  },
  fast: {
    data: {
      people: 40,
      picturesPerPerson: 8,
      validationPeople: 10,
      testPeople: 20,
      testPictures: 6,
      size: 32,
    },
    training: { epochs: 6, batchSize: 32, warmupSteps: 10, emaDecay: 0.9, logEverySteps: 10 },
    evaluation: { resamples: 50 },
  },
});

export type FaceVerificationConfig = ConfigOf<typeof config>;
