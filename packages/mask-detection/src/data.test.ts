import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatPascalVoc, kaggleMasks, RandomStream } from '@motley/core';
import { MASK_CLASSES } from '@motley/core/generators';
import { chooseBackend } from '@motley/core/node';
import { largest, smallest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { generateScenes, objectsOf, sceneBatches } from './data.ts';
import { baselines } from './evaluate.ts';
import { stratifiedFolds } from './folds.ts';
import { loadData } from './load.ts';
import { augment } from './train.ts';

beforeAll(() => chooseBackend('cpu'));

describe('generated scenes', () => {
  const settings = config.resolve({ fast: true });
  const data = generateScenes(settings);

  it('are the same for the same seed, with other pictures in each part', () => {
    expect(generateScenes(settings)).toEqual(data);
    expect(data.training[0]!.picture.values).not.toEqual(data.test[0]!.picture.values);
    expect(data.training).toHaveLength(settings.data.trainingScenes);
  });

  it('have a bound that the annotator leaves, above what needs no network', () => {
    const { noBox, meanBox, annotator } = baselines(data.training, data.test, 3);
    expect(noBox!.ap).toBe(0);
    expect(meanBox!.ap50).toBeLessThan(0.1);
    expect(annotator!.ap50).toBeGreaterThan(0.7);
    expect(annotator!.ap).toBeLessThan(1);
  });

  it('come in batches of one shape, with the objects that are there', async () => {
    const batches = sceneBatches(data.training, settings);
    for await (const { pictures, sizes, boxes, labels } of batches.batches(0)) {
      expect(pictures.shape).toEqual([2, 128, 160, 3]);
      expect([...sizes.dataSync()]).toEqual([128, 160, 128, 160]);
      const edges = boxes.dataSync();
      for (const [place, label] of labels.dataSync().entries()) {
        const [left, top, right, bottom] = edges.subarray(4 * place, 4 * place + 4) as unknown as number[];
        if (label === 0) expect([left, top, right, bottom]).toEqual([0, 0, 0, 0]);
        else expect(right! - left!).toBeGreaterThanOrEqual(1);
        expect(right).toBeLessThanOrEqual(160);
        expect(bottom).toBeLessThanOrEqual(128);
      }
      tf.dispose([pictures, sizes, boxes, labels]);
    }
  });
});

describe('objects', () => {
  it('are cut at the edges, and left out without an area, outside and in crowds', () => {
    const picture = { values: [], height: 50, width: 100 };
    const truth = [
      { box: [-10, 10, 30, 20], label: 0 },
      { box: [200, 10, 30, 20], label: 1 },
      { box: [20, 20, 0, 20], label: 2 },
      { box: [20, 20, 20, 20], label: 2, isCrowd: true },
    ] as const;
    const found = objectsOf({ name: '', picture, truth }, { height: 100, width: 200 });
    expect(found).toEqual([{ box: [0, 20, 40, 60], label: 0 }]);
  });

  it('are mirrored with their pictures, each within its own width', () => {
    tf.tidy(() => {
      const pictures = tf.tensor4d(
        [1, 2, 3, 0].flatMap((value) => [value, value, value]).map((value) => value / 4),
        [1, 1, 4, 3],
      );
      const random = { uniform: (shape: readonly number[]) => tf.zeros([...shape]), normal: () => tf.scalar(0) };
      const scene = { pictures, sizes: tf.tensor2d([[1, 3]]), boxes: tf.tensor3d([[[0, 0, 1, 1]]]) };
      const found = augment(scene, 0, random);
      expect((found.pictures.arraySync() as number[][][][])[0]![0]!.slice(0, 3).map(([red]) => 4 * red!)).toEqual([
        3, 2, 1,
      ]);
      expect([...found.boxes.dataSync()]).toEqual([2, 0, 3, 1]);
    });
  });
});

describe('folds', () => {
  it('have nearly the same number of objects of each class', () => {
    const random = RandomStream.fromSeed(5);
    const rare = random.uniformValues(100);
    const counts = Array.from(rare, (value) => [3, value < 0.2 ? 1 : 0]);
    const folds = stratifiedFolds(counts, 5, random);
    const sums = [0, 1, 2, 3, 4].map((fold) => counts.filter((_, place) => folds[place] === fold).length);
    const objects = [0, 1, 2, 3, 4].map((fold) =>
      counts.reduce((sum, each, place) => sum + (folds[place] === fold ? each[1]! : 0), 0),
    );
    expect(largest(sums) - smallest(sums)).toBeLessThanOrEqual(1);
    expect(largest(objects) - smallest(objects)).toBeLessThanOrEqual(1);
  });
});

describe('a folder in the layout of Kaggle', () => {
  let folder: string;
  const annotate = (name: string, objects: Parameters<typeof formatPascalVoc>[0]['objects']) =>
    writeFile(
      join(folder, 'annotations', `${name}.xml`),
      formatPascalVoc({ filename: `${name}.png`, height: 40, width: 60, objects }, kaggleMasks),
    );
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-kaggle-'));
    for (const part of ['annotations', 'images']) await mkdir(join(folder, part));
    for (let place = 0; place < 5; place++) {
      const even = { width: 60, height: 40, channels: 3, background: { r: 40 * place, g: 9, b: 9 } } as const;
      await sharp({ create: even })
        .png()
        .toFile(join(folder, 'images', `${place}.png`));
      await annotate(String(place), [{ name: MASK_CLASSES[place % 3]!, box: [5, 6, 25, 30], isDifficult: false }]);
    }
  });
  afterAll(() => rm(folder, { recursive: true }));
  const settings = config.resolve({});

  it('is read, one fold to test', async () => {
    const data = await loadData(settings, folder);
    expect(data.classes).toEqual(MASK_CLASSES);
    expect([data.training, data.validation, data.test].map(({ length }) => length)).toEqual([3, 1, 1]);
    expect(data.training[0]!.truth[0]!.box).toEqual([5, 6, 20, 24]);
  });

  it.each([
    ['another class', 'hat', [5, 6, 25, 30], /hat/],
    ['a box without an area', 'with_mask', [25, 6, 5, 30], /box|xmin|area/],
  ] as const)('is refused with %s', async (_, name, box, message) => {
    await writeFile(
      join(folder, 'annotations', '0.xml'),
      formatPascalVoc(
        { filename: '0.png', height: 40, width: 60, objects: [{ name, box, isDifficult: false }] },
        kaggleMasks,
      ),
    );
    await expect(loadData(settings, folder)).rejects.toThrow(message);
    await annotate('0', []);
  });

  it('is refused where a picture is none', async () => {
    await writeFile(join(folder, 'images', '1.png'), 'no picture');
    await expect(loadData(settings, folder)).rejects.toThrow('1.png: expected a JPEG or PNG picture');
  });
});
