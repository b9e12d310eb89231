import type { Preprocessing } from './pictures/preprocess.ts';

/** Means and deviations of ImageNet's pixels, by which torchvision's networks were trained. */
const imageNet = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] } as const;

/** The networks by name, each with what its published weights expect of a picture. */
export const architectures = {
  'efficientnet-lite0': {
    description: 'EfficientNet-Lite0, 4.7 million parameters',
    // (v - 127) / 128 on bytes.
    preprocessing: {
      resizeSize: 256,
      cropSize: 224,
      filter: 'bicubic',
      mean: [127 / 255, 127 / 255, 127 / 255],
      deviation: [128 / 255, 128 / 255, 128 / 255],
    },
  },
  'efficientnet-b2': {
    description: 'EfficientNet-B2, 9.1 million parameters',
    preprocessing: { resizeSize: 288, cropSize: 288, filter: 'bicubic', ...imageNet },
  },
  'vit-b-16': {
    description: 'ViT-B/16, 86.6 million parameters',
    preprocessing: { resizeSize: 256, cropSize: 224, filter: 'bilinear', ...imageNet },
  },
} as const satisfies Readonly<Record<string, { description: string; preprocessing: Preprocessing }>>;

export type ArchitectureName = keyof typeof architectures;
export const ARCHITECTURE_NAMES = Object.freeze(Object.keys(architectures) as ArchitectureName[]);
