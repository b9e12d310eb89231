import * as tf from '@tensorflow/tfjs-core';
import type { CocoBox } from './metrics/match.ts';
import { type FasterRcnn, prepare } from './model.ts';

/** Bytes [H, W, 3], row by row. */
export interface Picture {
  readonly values: ArrayLike<number>;
  readonly height: number;
  readonly width: number;
}

export interface Size {
  readonly height: number;
  readonly width: number;
}

/** Sizes that pictures are resized to. */
export interface Resizing {
  readonly shortSide: number;
  readonly longSide: number;
}

/** A detection: a class from 0, and a box in pixels of the picture. */
export interface Detection {
  readonly box: CocoBox;
  readonly label: number;
  readonly score: number;
}

/** Height and width are multiples of it, so that each level of the pyramid is half the one before. */
const COARSEST_STRIDE = 32;

/** Size of a picture for the network: its shorter side as asked, unless the longer one then passes its limit. */
export function resizedSize({ height, width }: Size, { shortSide, longSide }: Resizing): Size {
  const scale = Math.fround(Math.min(shortSide / Math.min(height, width), longSide / Math.max(height, width)));
  return { height: Math.max(1, Math.floor(height * scale)), width: Math.max(1, Math.floor(width * scale)) };
}

/** Smallest frame that holds pictures of these sizes. */
export function frameOf(sizes: readonly Size[]): Size {
  const up = (most: number) => COARSEST_STRIDE * Math.ceil(most / COARSEST_STRIDE);
  return {
    height: up(sizes.reduce((most, { height }) => Math.max(most, height), 1)),
    width: up(sizes.reduce((most, { width }) => Math.max(most, width), 1)),
  };
}

/** A picture in its frame, from 0 to 1, with zeros to the right and below: [H, W, 3]. */
export function framed(picture: Picture, size: Size, frame: Size): tf.Tensor {
  return tf.tidy(() => {
    const { values, height, width } = picture;
    const pixels = tf.div<tf.Tensor3D>(tf.tensor(Float32Array.from(values), [height, width, 3]), 255);
    const isSame = size.height === height && size.width === width;
    const resized = isSame ? pixels : tf.image.resizeBilinear(pixels, [size.height, size.width], false, true);
    return tf.pad(resized, [
      [0, frame.height - size.height],
      [0, frame.width - size.width],
      [0, 0],
    ]);
  });
}

/** Detections of pictures, the most probable first. */
export async function detect(
  model: FasterRcnn,
  pictures: readonly Picture[],
  resizing: Resizing,
): Promise<Detection[][]> {
  const sizes = pictures.map((picture) => resizedSize(picture, resizing));
  const frame = frameOf(sizes);
  const packed = tf.tidy(() => {
    const frames = tf.stack(pictures.map((picture, place) => framed(picture, sizes[place]!, frame)));
    const inFrame = tf.tensor2d(sizes.map(({ height, width }) => [height, width]));
    return model.detect(prepare(frames, inFrame), inFrame);
  });
  try {
    return unpack(await packed.data<'float32'>(), pictures, sizes);
  } finally {
    packed.dispose();
  }
}

/** Detections in pixels of the pictures, whose sizes in their frames are `sizes`. */
function unpack(packed: Float32Array, pictures: readonly Size[], sizes: readonly Size[]): Detection[][] {
  const rows = packed.length / pictures.length / 6;
  return pictures.map(({ height, width }, picture) => {
    const [across, down] = [width / sizes[picture]!.width, height / sizes[picture]!.height];
    return Array.from({ length: rows }, (_, row) => {
      const first = 6 * (picture * rows + row);
      const [left, top, right, bottom, score, label] = packed.subarray(first, first + 6) as unknown as number[];
      const box = [left! * across, top! * down, (right! - left!) * across, (bottom! - top!) * down] as const;
      return { box, score: score!, label: label! - 1 };
    }).filter(({ score }) => score > 0);
  });
}
