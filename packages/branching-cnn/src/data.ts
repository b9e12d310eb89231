import {
  ArrayBatches,
  type Augmentation,
  composeAugmentations,
  Dataset,
  randomCrop,
  randomFlip,
  RandomStream,
} from '@motley/core';
import { drawDoodle, drawShape } from '@motley/core/generators';
import { loadCifar, loadMnist } from '@motley/core/node';
import { UserError, type BatchSource } from '@motley/run';
import type * as tf from '@tensorflow/tfjs-core';
import type { BranchingConfig } from './config.ts';
import { type ImageShape, imageShapeOf } from './model.ts';
import { labelTree, type LabelTree } from './trees.ts';

/** N images with their classes. */
export interface LabeledImages {
  /** [N, H, W, C], bytes. */
  readonly images: Uint8Array;
  /** [N], indices into the tree's class names. */
  readonly labels: Uint8Array;
  readonly count: number;
}

export interface BranchingData {
  readonly tree: LabelTree;
  readonly imageShape: ImageShape;
  readonly training: LabeledImages;
  /** Held out of the training images; chooses the best checkpoint. */
  readonly validation: LabeledImages;
  /** For the final metrics; influences no choice. */
  readonly test: LabeledImages;
}

/** A batch: images [B, H, W, C] in [0, 1]; groups [B] and positions within the group [B], int32. */
export type TreeBatch = Readonly<Record<'images' | 'groups' | 'positions', tf.Tensor>>;

/**
 * Loads or generates the configured data set, and holds out a part of the training images for validation.
 * @param path MNIST: a folder with the published idx files, instead of the packaged ones; CIFAR: the user's copy
 * @throws UserError naming the file, field or class, with the expected and the actual value
 */
export async function loadData(
  { data, training }: Pick<BranchingConfig, 'data' | 'training'>,
  path?: string,
): Promise<BranchingData> {
  const tree = labelTree(data.kind, data.groups);
  const imageShape = imageShapeOf(data);
  const random = RandomStream.fromSeed(training.seed).fork('data');
  const { published, test } = await loadPublished(data, random, path);
  const { validationExamples } = data;
  if (validationExamples >= published.count)
    throw new UserError(
      `data.validationExamples: expected fewer than the ${published.count} training images, got ${validationExamples}`,
    );
  const order = random.fork('split').permutation(published.count);
  const size = imageShape.reduce((product, length) => product * length, 1);
  return {
    tree,
    imageShape,
    training: take(published, order.subarray(validationExamples), size),
    validation: take(published, order.subarray(0, validationExamples), size),
    test,
  };
}

async function loadPublished(
  data: BranchingConfig['data'],
  random: RandomStream,
  path: string | undefined,
): Promise<{ readonly published: LabeledImages; readonly test: LabeledImages }> {
  switch (data.kind) {
    case 'mnist':
      return { published: await loadMnist('train', path), test: await loadMnist('test', path) };
    case 'shapes':
    case 'doodles': {
      if (path !== undefined)
        throw new UserError(`--data: expected none with data.kind ${data.kind}, which is generated, got ${path}`);
      const { generatedExamples, generatedTestExamples } = data;
      return {
        published: generate(data, generatedExamples, random.fork('training pictures')),
        test: generate(data, generatedTestExamples, random.fork('test pictures')),
      };
    }
    case 'cifar10':
    case 'cifar100': {
      const classes = data.kind === 'cifar10' ? 10 : 100;
      const folder = path ?? `cifar-${classes}`;
      const load = (split: 'train' | 'test') => loadCifar(classes, split, folder, data);
      return { published: await load('train'), test: await load('test') };
    }
  }
}

/** Draws `count` images, each from a random stream of its own. */
function generate({ kind, imageSize }: BranchingConfig['data'], count: number, random: RandomStream): LabeledImages {
  const draw = kind === 'shapes' ? drawShape : drawDoodle;
  const labels = new Uint8Array(count);
  let images = new Uint8Array(0);
  for (let index = 0; index < count; index++) {
    const { image, label } = draw(random.fork(index), { imageSize });
    if (index === 0) images = new Uint8Array(count * image.length);
    images.set(image, index * image.length);
    labels[index] = label;
  }
  return { images, labels, count };
}

/**
 * The images at `positions`, in that order.
 * @param size values per image
 */
export function take({ images, labels }: LabeledImages, positions: ArrayLike<number>, size: number): LabeledImages {
  const count = positions.length;
  const taken = { images: new Uint8Array(count * size), labels: new Uint8Array(count), count };
  for (const [row, position] of Array.from(positions).entries()) {
    taken.images.set(images.subarray(position * size, (position + 1) * size), row * size);
    taken.labels[row] = labels[position]!;
  }
  return taken;
}

export interface TreeBatchOptions {
  readonly batchSize: number;
  /** Shuffles every epoch. Without it the images keep their order. */
  readonly random?: RandomStream;
  /** Largest random shift in pixels; needs `random`. Default 0. */
  readonly shift?: number;
  /** Mirrors half of the images; needs `random`. Default false. */
  readonly flip?: boolean;
}

/** Batches of a split, each image with its group and its position in the group. */
export function treeBatches(
  { images, labels }: LabeledImages,
  { tree, imageShape }: Pick<BranchingData, 'tree' | 'imageShape'>,
  { batchSize, random, shift = 0, flip = false }: TreeBatchOptions,
): BatchSource<TreeBatch> {
  const groups = Int32Array.from(labels, (label) => tree.groupOf[label]!);
  const positions = Int32Array.from(labels, (label) => tree.positionOf[label]!);
  if ((shift === 0 && !flip) || random === undefined)
    return new ArrayBatches(
      {
        images: { values: images, shape: imageShape, divisor: 255 },
        groups: { values: groups, shape: [] },
        positions: { values: positions, shape: [] },
      },
      { batchSize, ...(random && { random }) },
    );
  const [height, width, channels] = imageShape;
  const size = height * width * channels;
  const augmentation: Augmentation = composeAugmentations(
    ...(flip ? [randomFlip('horizontal')] : []),
    ...(shift > 0 ? [randomCrop({ height, width, padding: shift })] : []),
  );
  return Dataset.fromIndex(labels.length, (index) => index)
    .shuffle(random.fork('order'))
    .map((index, each) => {
      const values = images.subarray(index * size, (index + 1) * size);
      const picture = augmentation({ values, height, width, channels }, each);
      return { images: picture.values, groups: groups[index]!, positions: positions[index]! };
    }, random.fork('augmentation'))
    .batch({
      batchSize,
      fields: {
        images: { shape: [height, width, channels], dtype: 'float32', divisor: 255 },
        groups: { shape: [], dtype: 'int32' },
        positions: { shape: [], dtype: 'int32' },
      },
    });
}
