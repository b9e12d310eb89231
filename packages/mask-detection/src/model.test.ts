import { RandomStream, valueAndGradients } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { largest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { assign } from './boxes/assign.ts';
import { decodeBoxes, encodeBoxes } from './boxes/geometry.ts';
import { sample } from './boxes/sample.ts';
import { type DetectorShape, FasterRcnn, prepare } from './model.ts';
import { freeze } from './networks/backbone.ts';

const counts = { before: 20, after: 20 };
const shape: DetectorShape = {
  backbone: 'mobilenet-v2',
  normalization: 'batch',
  channels: 8,
  features: 8,
  anchors: { sizes: [[8], [16], [32], [64], [128]], ratios: [1] },
  training: { ...counts, anchorSamples: 16, proposalSamples: 8 },
  testing: { ...counts, minScore: 0.05, maxDetections: 10 },
};
const create = () => new FasterRcnn(shape, { classes: 3, random: RandomStream.fromSeed(1) });
const SIDE = 64;

/** The four losses of two pictures with these boxes, and the norm of all gradients. */
function losses(boxes: readonly (readonly number[])[][]): Record<string, number> {
  return tf.tidy(() => {
    const model = create();
    const most = largest([1, ...boxes.map(({ length }) => length)]);
    const filled = boxes.map((rows) => Array.from({ length: most }, (_, place) => [...(rows[place] ?? [0, 0, 0, 0])]));
    const labels = boxes.map((rows) => Array.from({ length: most }, (_, place) => (place < rows.length ? 1 : 0)));
    const sizes = tf.tensor2d(boxes.map(() => [SIDE, SIDE]));
    const pictures = prepare(RandomStream.fromSeed(2).uniform([boxes.length, SIDE, SIDE, 3]), sizes);
    const objects = { boxes: tf.tensor3d(filled), labels: tf.tensor2d(labels, undefined, 'int32') };
    const { terms, gradients } = valueAndGradients(
      () => model.losses(pictures, sizes, objects, RandomStream.fromSeed(3)),
      model.namedParameters(),
    );
    const found = Object.fromEntries(Object.entries(terms).map(([name, term]) => [name, term.dataSync()[0]!]));
    const squares = Object.values(gradients).map((gradient) => tf.sum(tf.square(gradient)).dataSync()[0]!);
    model.dispose();
    return { ...found, norm: Math.sqrt(squares.reduce((sum, each) => sum + each, 0)) };
  });
}

describe('the detector', () => {
  beforeAll(() => chooseBackend('wasm'));

  it('has detections inside the picture, by falling probability, and leaks no tensors', () => {
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const model = create().eval();
      const sizes = tf.tensor2d([[SIDE, 50]]);
      const detections = model.detect(prepare(tf.ones([1, SIDE, SIDE, 3]), sizes), sizes);
      expect(detections.shape).toEqual([1, 10, 6]);
      const [rows] = detections.arraySync() as number[][][];
      const scores = rows!.map((row) => row[4]!);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
      for (const [left, top, right, bottom, score] of rows!.filter((row) => row[4]! > 0)) {
        expect(left).toBeGreaterThanOrEqual(0);
        expect(top).toBeGreaterThanOrEqual(0);
        expect(right).toBeLessThanOrEqual(50);
        expect(bottom).toBeLessThanOrEqual(SIDE);
        expect(score).toBeGreaterThan(0.05);
      }
      model.dispose();
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('trains on pictures without a box: their losses of place are 0', () => {
    const { loss, anchorBox, proposalBox, anchorClass, norm } = losses([[], []]);
    expect(anchorBox).toBe(0);
    expect(proposalBox).toBe(0);
    expect(anchorClass).toBeGreaterThan(0);
    expect(loss).toBeGreaterThan(0);
    expect(norm).toBeGreaterThan(0);
    expect(norm).toBeLessThan(Infinity);
  });

  it.each([
    ['without an area', [[10, 10, 10, 30]]],
    ['turned around', [[30, 30, 10, 10]]],
    ['outside the picture', [[100, 100, 140, 150]]],
    ['two hundred', Array.from({ length: 200 }, (_, place) => [place % 40, 5, (place % 40) + 8, 20])],
  ])('has finite losses and gradients with boxes: %s', (_, boxes) => {
    const found = losses([boxes, []]);
    for (const value of Object.values(found)) expect(Number.isFinite(value)).toBe(true);
  });

  it('keeps the frozen stages out of its trained parameters', () => {
    const model = create();
    const before = model.namedParameters().size;
    freeze(model.backbone.body, 2);
    const names = [...model.namedParameters().keys()];
    expect(names.length).toBeLessThan(before);
    expect(names.filter((name) => /body\.[01]\./.test(name))).toEqual([]);
    expect(names.some((name) => name.startsWith('backbone.body.2.'))).toBe(true);
    model.dispose();
  });
});

describe.each(['cpu', 'wasm'] as const)('boxes on %s', (backend) => {
  beforeAll(() => chooseBackend(backend));

  it('are what their codes say', () => {
    tf.tidy(() => {
      const boxes = tf.tensor2d([
        [3, 4, 13, 30],
        [50, 2, 51, 90],
      ]);
      const references = tf.tensor2d([
        [1, 1, 20, 20],
        [40, 10, 60, 80],
      ]);
      const codes = encodeBoxes(boxes, references, [10, 10, 5, 5]);
      const found = decodeBoxes(codes, references, [10, 10, 5, 5]).dataSync();
      for (const [place, value] of boxes.dataSync().entries()) expect(found[place]).toBeCloseTo(value, 3);
    });
  });

  it('are objects from the threshold on, and the best one of an object in any case', () => {
    tf.tidy(() => {
      const candidates = tf.tensor2d([
        [0, 0, 10, 10],
        [0, 0, 10, 20],
        [40, 40, 60, 60],
        [80, 80, 90, 90],
      ]);
      const objects = tf.tensor3d([
        [
          [0, 0, 10, 10],
          [40, 40, 50, 50],
          [200, 200, 210, 210],
        ],
      ]);
      const classes = tf.tensor2d([[2, 3, 1]], [1, 3], 'int32');
      const options = { foreground: 0.7, background: 0.3, keepsBest: true };
      const { labels, boxes } = assign(candidates, objects, classes, options);
      // The second overlaps by ½, the third by ¼, and no other overlaps that object. The last object is nobody's.
      expect([...labels.dataSync()]).toEqual([2, -1, 3, 0]);
      expect((boxes.arraySync() as number[][][])[0]![2]).toEqual([40, 40, 50, 50]);
    });
  });

  it('are sampled up to their share, the rest from the background', () => {
    tf.tidy(() => {
      const labels = tf.tensor2d([[1, 2, 3, 0, 0, -1, 0, 0]], [1, 8], 'int32');
      const noise = tf.tensor2d([[0.1, 0.9, 0.5, 0.2, 0.8, 0.99, 0.7, 0.3]]);
      const { places, weights } = sample(labels, noise, { count: 4, objectShare: 0.5 });
      expect([...places.dataSync()]).toEqual([1, 2, 4, 6]);
      expect([...weights.dataSync()]).toEqual([1, 1, 1, 1]);
      const few = sample(tf.tensor2d([[1, -1, -1, 0]], [1, 4], 'int32'), tf.fill([1, 4], 0.5), {
        count: 4,
        objectShare: 0.5,
      });
      expect([...few.weights.dataSync()]).toEqual([1, 1, 0, 0]);
    });
  });
});
