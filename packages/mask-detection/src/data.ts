import { ArrayBatches, RandomStream, type Batch } from '@motley/core';
import { annotate, FaceScenes, MASK_CLASSES } from '@motley/core/generators';
import type { BatchSource } from '@motley/run';
import type { MaskDetectionConfig } from './config.ts';
import type { Truth } from './metrics/match.ts';
import { frameOf, framed, type Picture, resizedSize, type Size } from './predict.ts';

/** A picture with its objects. */
export interface Example {
  readonly name: string;
  readonly picture: Picture;
  /** As the annotator has them. */
  readonly truth: readonly Truth[];
  /** As they are, where that is known: with a generator. */
  readonly exact?: readonly Truth[];
}

/** Pictures of a training, by their part in it. */
export interface MaskData {
  readonly classes: readonly string[];
  readonly training: readonly Example[];
  readonly validation: readonly Example[];
  readonly test: readonly Example[];
}

/** Generated scenes, and an annotator's boxes. */
export function generateScenes({ data }: Pick<MaskDetectionConfig, 'data'>): MaskData {
  const { seed, jitter, flips } = data;
  const random = RandomStream.fromSeed(seed).fork('annotator');
  const part = (place: number, name: string, count: number): Example[] => {
    const scenes = new FaceScenes(3 * seed + place);
    return Array.from({ length: count }, (_, index) => {
      const { image, faces } = scenes.scene(index);
      const { values, height, width } = image;
      const annotated = annotate(faces, random.fork(name).fork(index), { height, width, jitter, flips });
      return {
        name: `${name}-${index}`,
        picture: { values, height, width },
        truth: annotated.map(truthOf),
        exact: faces.map(truthOf),
      };
    });
  };
  return {
    classes: MASK_CLASSES,
    training: part(0, 'training', data.trainingScenes),
    validation: part(1, 'validation', data.validationScenes),
    test: part(2, 'test', data.testScenes),
  };
}

function truthOf({ box: [x1, y1, x2, y2], label }: { readonly box: readonly number[]; readonly label: number }): Truth {
  return { box: [x1!, y1!, x2! - x1!, y2! - y1!], label };
}

/** Shorter sides are no objects to train on, in pixels of the frame. */
const MIN_SIDE = 1;

/** Fields of a batch: pictures [B, H, W, 3] from 0 to 1, their sizes [B, 2], boxes [B, G, 4] and labels [B, G]. */
export type SceneField = 'pictures' | 'sizes' | 'boxes' | 'labels';

/**
 * Batches of pictures in a common frame, so that a compiled step has one shape. Objects are cut at the edges of their
 * picture; those without an area there are left out, as are crowds.
 */
export function sceneBatches(
  examples: readonly Example[],
  { data, training }: Pick<MaskDetectionConfig, 'data' | 'training'>,
): BatchSource<Readonly<Record<SceneField, Batch[string]>>> {
  const sizes = examples.map(({ picture }) => resizedSize(picture, data));
  const frame = frameOf(sizes);
  const pixels = new Uint8Array(examples.length * frame.height * frame.width * 3);
  const objects = examples.map((example, place) => objectsOf(example, sizes[place]!));
  const most = objects.reduce((largest, { length }) => Math.max(largest, length), 1);
  const boxes = new Float32Array(examples.length * most * 4);
  const labels = new Int32Array(examples.length * most);
  for (const [place, { picture }] of examples.entries()) {
    pixels.set(bytesOf(picture, sizes[place]!, frame), place * frame.height * frame.width * 3);
    for (const [index, { box, label }] of objects[place]!.entries()) {
      boxes.set(box, 4 * (place * most + index));
      labels[place * most + index] = label + 1;
    }
  }
  const sides = Float32Array.from(sizes.flatMap(({ height, width }) => [height, width]));
  return new ArrayBatches(
    {
      pictures: { values: pixels, shape: [frame.height, frame.width, 3], divisor: 255 },
      sizes: { values: sides, shape: [2] },
      boxes: { values: boxes, shape: [most, 4] },
      labels: { values: labels, shape: [most] },
    },
    {
      batchSize: Math.min(training.batchSize, examples.length),
      dropLast: true,
      random: RandomStream.fromSeed(training.seed).fork('order'),
    },
  );
}

/** Objects to train on, as edges in pixels of the frame. */
export function objectsOf({ picture, truth }: Example, size: Size) {
  const [across, down] = [size.width / picture.width, size.height / picture.height];
  return truth.flatMap(({ box: [x, y, width, height], label, isCrowd }) => {
    const inside = (value: number, most: number) => Math.min(Math.max(value, 0), most);
    const box = [
      inside(x * across, size.width),
      inside(y * down, size.height),
      inside((x + width) * across, size.width),
      inside((y + height) * down, size.height),
    ] as const;
    const isThere = box[2] - box[0] >= MIN_SIDE && box[3] - box[1] >= MIN_SIDE;
    return isThere && isCrowd !== true ? [{ box, label }] : [];
  });
}

/** Bytes of a picture in its frame. */
function bytesOf(picture: Picture, size: Size, frame: Size): Uint8Array {
  const tensor = framed(picture, size, frame);
  const values = Uint8Array.from(tensor.dataSync(), (value) => Math.round(255 * value));
  tensor.dispose();
  return values;
}
