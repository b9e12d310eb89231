import { boxes, defineDemo, picture } from '@motley/core/demo';
import { FaceScenes, MASK_CLASSES } from '@motley/core/generators';
import type { MaskDetectionConfig } from './config.ts';
import type { FasterRcnn } from './model.ts';
import { detect } from './predict.ts';
import { restoreModel } from './restore.ts';

/** Less probable boxes are not drawn. */
const MIN_SCORE = 0.5;

interface Loaded {
  readonly model: FasterRcnn;
  readonly data: MaskDetectionConfig['data'];
}

/** Find faces, and see who wears a mask, and how. */
export default defineDemo({
  title: 'Who wears a mask?',
  description: 'The network was trained on drawn scenes. Try another one, or a picture of your own.',
  inputs: {
    picture: picture({
      label: 'Picture',
      examples: {
        count: 100,
        make: (index) => {
          const { values, height, width } = new FaceScenes(0).scene(index).image;
          return { width, height, data: Uint8Array.from(values) };
        },
      },
    }),
  },
  outputs: { faces: boxes({ label: 'Faces' }) },
  load: ({ weights, config }): Loaded => {
    const settings = config as MaskDetectionConfig;
    return { model: restoreModel(settings, weights), data: settings.data };
  },
  run: async ({ model, data }, { picture: { width, height, data: values } }) => {
    const [found] = await detect(model, [{ values, width, height }], data);
    const shown = found!.filter(({ score }) => score >= MIN_SCORE);
    return {
      faces: {
        image: { width, height, data: values },
        boxes: shown.map(({ box: [left, top, wide, high], label, score }) => ({
          left,
          top,
          width: wide,
          height: high,
          label: MASK_CLASSES[label]!,
          score,
        })),
      },
    };
  },
  dispose: ({ model }) => {
    model.dispose();
  },
});
