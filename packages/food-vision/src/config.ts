import { classificationFields, trainingFields } from '@motley/core';
import { type ConfigOf, defineConfig } from '@motley/run';
import { z } from 'zod';
import { ARCHITECTURE_NAMES } from './architectures.ts';
import { EMOJI_STYLES } from './sources/styles.ts';

/** Settings of a run, each with the reason for its default. */
export const config = defineConfig(
  z.strictObject({
    model: z.strictObject({
      architecture: z
        .enum(ARCHITECTURE_NAMES)
        .default('efficientnet-lite0')
        .describe('its weights can be fetched; those of the others come as files, by model.weights'),
      weights: z
        .string()
        .nullable()
        .default(null)
        .describe(
          "the weights that fetch brought, or random ones; the path of a .pth or .safetensors file of torchvision's or timm's takes others",
        ),
      tuning: z
        .enum(['head', 'all'])
        .default('head')
        .describe('the backbone stays as it is, so that its features are computed once; all also trains the backbone'),
    }),
    data: z.strictObject({
      source: z
        .enum(['emoji', 'openclipart'])
        .default('emoji')
        .describe(
          "88 foods in seven styles, which npm brings; openclipart needs Debian's package; --data replaces both",
        ),
      heldOutStyle: z
        .enum(EMOJI_STYLES)
        .default('twemoji')
        .describe('emoji: the style that tests; the others train, so that no drawing is seen in another size'),
      testShare: z.number().gt(0).lt(1).default(0.25).describe('of each class, where the pictures have no test folder'),
      validationShare: z
        .number()
        .min(0)
        .lt(1)
        .default(0)
        .describe('of the training pictures of each class: few pictures train better than they validate'),
      maxClasses: z
        .int()
        .min(2)
        .nullable()
        .default(null)
        .describe('all classes; a number keeps the first ones, for a quick look'),
      framing: z
        .enum(['auto', 'crop', 'whole'])
        .default('auto')
        .describe("torchvision's crop of the middle for photographs; all of a drawing, without its empty border"),
    }),
    training: z.strictObject({
      ...trainingFields({
        epochs: { default: 20, reason: 'a head on stored features learns in seconds' },
        batchSize: { default: 64, reason: 'some ten steps an epoch from a few hundred pictures' },
        learningRate: { default: 1e-4, reason: 'the head begins as the best ridge regression, and moves a little' },
        weightDecay: { default: 0, reason: 'the ridge regression has chosen the size of the weights' },
      }),
      ...classificationFields(),
    }),
    evaluation: z.strictObject({
      mirrored: z
        .boolean()
        .default(true)
        .describe('logits are the mean of a picture and its mirror image: food has no side'),
    }),
  }),
  {
    presets: {
      default: { description: 'EfficientNet-Lite0 as it is, and a trained head', config: {} },
      'fine-tuned': {
        description: 'first the head, then all of the network',
        config: {
          model: { tuning: 'all' },
          training: { epochs: 6, batchSize: 32, learningRate: 3e-5, warmupSteps: 20, labelSmoothing: 0.1 },
        },
      },
      b2: {
        description: "EfficientNet-B2, with torchvision's weights by model.weights",
        config: { model: { architecture: 'efficientnet-b2' } },
      },
      vit: {
        description: "ViT-B/16, with torchvision's weights by model.weights",
        config: { model: { architecture: 'vit-b-16' } },
      },
    },
    fast: { data: { maxClasses: 8 }, training: { epochs: 3 } },
  },
);

export type FoodVisionConfig = ConfigOf<typeof config>;
