import { RandomNumbers, largest, smallest } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { batches, createPictures, drawPictures, printPicture } from './data.ts';
import { baselines } from './evaluate.ts';
import { optimalAccuracy } from './optimum.ts';
import { CLASSES } from './shapes.ts';

const dataOf = (...set: string[]) => config.resolve({ set: set.map((each) => `data.${each}`) }).data;

describe('pictures', () => {
  it('are split 70/20/10, with balanced classes, the same for the same seed', () => {
    const data = dataOf('count=1000', 'size=12');
    const { training, validation, test } = createPictures(data, 5);
    expect([training, validation, test].map(({ labels }) => labels.length)).toEqual([700, 200, 100]);
    const all = [training, validation, test].flatMap(({ labels }) => [...labels]);
    expect(CLASSES.map((_, label) => all.filter((each) => each === label).length)).toEqual([250, 250, 250, 250]);
    const again = createPictures(data, 5);
    expect(again.test.images.contiguous()).toEqual(test.images.contiguous());
    expect(createPictures(data, 6).test.images.contiguous()).not.toEqual(test.images.contiguous());
  });

  it.each([10, 24, 50])('of %i pixels have the strokes of their class within the frame', (size) => {
    const { images, labels } = drawPictures(dataOf(`size=${size}`, 'noise=0'), 40, RandomNumbers.fromSeed(2));
    for (const [index, label] of labels.entries()) {
      const pixels = images.values.subarray(index * size * size, (index + 1) * size * size);
      const lit = [...pixels.keys()].filter((pixel) => pixels[pixel] === 1);
      const spread = (axis: (pixel: number) => number) => new Set(lit.map(axis)).size;
      const [rows, columns] = [spread((pixel) => Math.floor(pixel / size)), spread((pixel) => pixel % size)];
      const name = CLASSES[label]!;
      expect([name, rows === 1, columns === 1]).toEqual([name, name === 'horizontal line', name === 'vertical line']);
      expect(Math.max(rows, columns)).toBeGreaterThanOrEqual(4);
      if (name === 'cross') expect(lit).toHaveLength(rows + columns - 1);
    }
  });

  it('are centered and noisy as configured', () => {
    const centered = drawPictures(dataOf('size=21', 'noise=0', 'centered=true'), 40, RandomNumbers.fromSeed(3));
    const area = 21 * 21;
    for (let index = 0; index < 40; index++) {
      const lit = [...centered.images.values.subarray(index * area, (index + 1) * area).entries()].filter(
        ([, on]) => on,
      );
      const middle = (axis: (pixel: number) => number) => {
        const places = lit.map(([pixel]) => axis(pixel));
        return (smallest(places) + largest(places)) / 2;
      };
      expect(Math.abs(middle((pixel) => pixel % 21) - 10)).toBeLessThanOrEqual(1);
      expect(Math.abs(middle((pixel) => Math.floor(pixel / 21)) - 10)).toBeLessThanOrEqual(1);
    }
    const [clean, noisy] = ['noise=0', 'noise=0.1'].map((noise) =>
      drawPictures(dataOf('size=20', noise), 200, RandomNumbers.fromSeed(4)),
    );
    let flipped = 0;
    for (const [index, value] of clean!.images.values.entries())
      flipped += Math.abs(value - noisy!.images.values[index]!);
    expect(flipped / (200 * 400)).toBeCloseTo(0.1, 2);
  });

  it('are batched with their classes', () => {
    const { training } = createPictures(dataOf('count=100', 'size=10'), 0);
    const order = Uint32Array.from({ length: 70 }, (_, index) => 69 - index);
    const all = [...batches(training, 32, order)];
    expect(all.map(({ labels }) => labels.length)).toEqual([32, 32, 6]);
    expect([...batches(training, 32, order, 2)]).toEqual(all.slice(2));
    const [{ inputs, targets, labels }] = all as [(typeof all)[number]];
    expect(inputs.values.subarray(0, 100)).toEqual(training.images.contiguous().subarray(6900, 7000));
    expect(targets.values.indexOf(1)).toBe(labels[0]);
    expect(labels[0]).toBe(training.labels[69]);
  });

  it('are printed pixel by pixel', () => {
    const { training } = createPictures(dataOf('count=40', 'size=10', 'noise=0'), 0);
    const lines = printPicture(training, 0).split('\n');
    expect(lines).toHaveLength(12);
    const lit = training.images.values.subarray(0, 100).filter((value) => value === 1).length;
    expect(lines.join('').split('██')).toHaveLength(lit + 1);
  });
});

describe('classifiers without a network', () => {
  it('reach plausible baselines', () => {
    const centered = baselines(createPictures(dataOf('count=400', 'size=12', 'centered=true', 'noise=0'), 0));
    expect(centered.commonestClass.accuracy).toBeLessThan(0.45);
    expect(centered.nearestCentroid.accuracy).toBeGreaterThan(0.9);
    expect(centered.commonestClass.loss).toBeGreaterThan(Math.log(4) - 0.05);
  });

  it('are optimal without noise, and worse the more noise there is', () => {
    const accuracies = [0, 0.1, 0.25, 0.4].map((noise) => {
      const data = dataOf('count=1000', 'size=10', `noise=${noise}`);
      return optimalAccuracy(data, createPictures(data, 1).test);
    });
    expect(accuracies[0]).toBe(1);
    expect(accuracies).toEqual(accuracies.toSorted((a, b) => b - a));
    expect(accuracies[2]!).toBeGreaterThan(0.5);
    expect(accuracies[3]!).toBeLessThan(0.75);
  });
});
