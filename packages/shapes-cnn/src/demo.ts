import { RandomStream, restored } from '@motley/core';
import { coverPicture, defineDemo, imageGrid, labels, picture } from '@motley/core/demo';
import { largest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type { ShapesConfig } from './config.ts';
import { CLASS_NAMES, ShapesCnn } from './model.ts';
import { enlarge, overlayHeat } from './pictures.ts';
import { classActivationMaps, classify } from './predict.ts';
import { pictureAt } from './stream.ts';

/** Classes whose evidence is shown. */
const SHOWN = 3;

interface Loaded {
  readonly model: ShapesCnn;
  readonly data: ShapesConfig['data'];
}

/** Classify shapes, and see where the evidence for each class lies. */
export default defineDemo({
  title: 'Name a shape',
  description:
    'The network was trained on generated pictures of ten shapes. Try another one, or a picture of your own: the middle of it is reduced to the size of the training pictures.',
  inputs: ({ data }: Loaded) => ({
    picture: picture({
      label: 'Picture',
      examples: {
        count: 200,
        make: (index) => {
          const { imageSize, minContrast, maxNoise } = data;
          const [diameters, thicknesses] = [pairOf(data.diameters), pairOf(data.thicknesses)];
          const shapes = { imageSize, minContrast, maxNoise, diameters, thicknesses };
          const { image } = pictureAt({ seed: 0, name: 'demo', shapes }, index);
          return { width: imageSize, height: imageSize, data: image };
        },
      },
    }),
  }),
  outputs: {
    shape: labels({ top: CLASS_NAMES.length, label: 'Shape' }),
    evidence: imageGrid({ columns: SHOWN, label: 'Evidence for the most probable shapes' }),
  },
  load: ({ weights, config }): Loaded => {
    const { model, data } = config as ShapesConfig;
    return { model: restored(new ShapesCnn(model, RandomStream.fromSeed(0)), weights), data };
  },
  run: async ({ model, data }, values) => {
    const size = data.imageSize;
    const seen = coverPicture(values.picture, size, size);
    const [probabilities, maps] = tf.tidy(() => {
      const images = tf.div(tf.tensor(seen, [1, size, size, 3], 'float32'), 255);
      return [classify(model, images), classActivationMaps(model, images)];
    });
    try {
      const shares = await probabilities.data<'float32'>();
      const heat = await maps.data<'float32'>(); // [H', W', V]
      const [, height, width, classes] = maps.shape as [number, number, number, number];
      const order = Array.from(shares.keys()).sort((a, b) => shares[b]! - shares[a]!);
      const evidence = order.slice(0, SHOWN).map((label) => {
        const map = Float32Array.from({ length: height * width }, (_, at) => heat[at * classes + label]!);
        const top = Math.max(1e-6, largest(map));
        const share = enlarge(map, [height, width], size).map((value) => value / top);
        return {
          image: { width: size, height: size, data: overlayHeat(seen, share) },
          caption: CLASS_NAMES[label]!,
        };
      });
      return { shape: order.map((label) => ({ label: CLASS_NAMES[label]!, score: shares[label]! })), evidence };
    } finally {
      tf.dispose([probabilities, maps]);
    }
  },
  dispose: ({ model }) => {
    model.dispose();
  },
});

function pairOf([low = 0, high = 1]: readonly number[]): readonly [number, number] {
  return [low, high];
}
