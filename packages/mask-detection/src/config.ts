import { trainingFields } from '@motley/core';
import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';

const count = z.int().min(1).max(1_000_000);
const proposals = z.int().min(1).max(10_000);

/** Settings of a run, each with the reason for its default. */
export const config = defineConfig(
  z.strictObject({
    model: z.strictObject({
      backbone: z
        .enum(['mobilenet-v2', 'resnet-50'])
        .default('mobilenet-v2')
        .describe('a tenth of the arithmetic of ResNet-50, and its weights can be fetched'),
      weights: z
        .string()
        .nullable()
        .default(null)
        .describe(
          "the backbone's weights that fetch brought, or random ones; the path of torchvision's file takes others, of a whole detector too",
        ),
      isPretrained: z
        .boolean()
        .default(true)
        .describe('whether the backbone begins with weights of pictures of everything; false trains it from scratch'),
      frozenStages: z
        .int()
        .min(0)
        .max(8)
        .default(2)
        .describe('stages that keep their pre-trained weights: edges and colors look the same everywhere'),
      channels: count.default(64).describe("a quarter of the paper's pyramid: its convolutions cost the most"),
      features: count.default(256).describe('of a proposal; three classes need no more'),
      anchorSizes: z
        .array(z.array(z.number().positive()).min(1))
        .length(5)
        .default([
          [10, 14],
          [20, 28],
          [40, 56],
          [80, 112],
          [160, 224],
        ])
        .describe('two for each level, in pixels: faces are from 8 to 150 wide'),
      anchorRatios: z
        .array(z.number().positive())
        .min(1)
        .default([1.2])
        .describe('height / width: a face is a little higher than wide'),
    }),
    data: z.strictObject({
      trainingScenes: count.default(600).describe('generated scenes; --data replaces them'),
      validationScenes: count.default(60).describe('choose the best checkpoint'),
      testScenes: count.default(200).describe('some 1,500 faces'),
      jitter: z
        .number()
        .min(0)
        .max(0.5)
        .default(0.05)
        .describe("the annotator's error of an edge, as a share of the side: it bounds what can be reached"),
      flips: z.number().min(0).max(1).default(0.02).describe('probability that the annotator names another class'),
      seed: z.int().min(0).default(1).describe('of scenes, annotator and folds; the training has its own'),
      shortSide: z.int().min(32).default(256).describe('pictures are resized to it, unless the other becomes too long'),
      longSide: z
        .int()
        .min(32)
        .default(320)
        .describe("limit of a picture's longer side: generated scenes stay as they are"),
      folds: z.int().min(2).default(5).describe('--data: parts of equal make-up, of which one tests'),
      fold: z.int().min(0).default(0).describe('--data: the part that tests; the next one validates'),
    }),
    training: z.strictObject({
      ...trainingFields({
        epochs: { default: 8, reason: 'some ten minutes on two cores' },
        batchSize: { default: 4, reason: 'of pictures with hundreds of samples each' },
        learningRate: { default: 1e-3, reason: 'for new layers beside pre-trained ones' },
      }),
      proposalsBefore: proposals
        .default(300)
        .describe('of each level, before those that overlap better ones are left out'),
      proposals: proposals.default(200).describe('of a picture, for the second stage to sample from'),
      anchorSamples: proposals.default(128).describe('of a picture, half of them objects at most'),
      proposalSamples: proposals.default(64).describe('of a picture, a quarter of them objects at most'),
      maxBrightnessChange: z
        .number()
        .min(0)
        .max(1)
        .default(0.2)
        .describe('pictures are mirrored, brightened and darkened at random'),
    }),
    evaluation: z.strictObject({
      proposalsBefore: proposals.default(300).describe('as in training'),
      proposals: proposals.default(100).describe('faces are 15 at most'),
      minScore: z.number().min(0).max(1).default(0.05).describe('less probable detections are left out'),
      maxDetections: z.int().min(1).max(1000).default(100).describe("of a picture, COCO's limit"),
    }),
  }),
  {
    presets: {
      default: { description: 'MobileNetV2 on generated scenes', config: {} },
      kaggle: {
        description: 'for Face Mask Detection by --data: larger pictures, more epochs',
        config: { data: { shortSide: 416, longSide: 640 }, training: { epochs: 20 } },
      },
      torchvision: {
        description: "torchvision's ResNet-50-FPN, with its sizes and numbers",
        config: {
          model: {
            backbone: 'resnet-50',
            channels: 256,
            features: 1024,
            anchorSizes: [[32], [64], [128], [256], [512]],
            anchorRatios: [0.5, 1, 2],
          },
          data: { shortSide: 800, longSide: 1333 },
          training: { proposalsBefore: 2000, proposals: 2000, anchorSamples: 256, proposalSamples: 512 },
          evaluation: { proposalsBefore: 1000, proposals: 1000 },
        },
      },
    },
    fast: {
      model: { channels: 16, features: 32 },
      data: { trainingScenes: 8, validationScenes: 2, testScenes: 4, shortSide: 128, longSide: 160 },
      training: { epochs: 3, batchSize: 2, logEverySteps: 2 },
    },
  },
);

export type MaskDetectionConfig = ConfigOf<typeof config>;
