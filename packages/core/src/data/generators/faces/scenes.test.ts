import { largest, RandomNumbers, smallest } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { annotate } from './annotator.ts';
import { FaceScenes, MASK_CLASS_SHARES, MASK_CLASSES } from './scenes.ts';

const scenes = new FaceScenes(1, { height: 96, width: 128, widths: [8, 40] });
const found = Array.from({ length: 200 }, (_, index) => scenes.scene(index));
const faces = found.flatMap((scene) => scene.faces);

/** Expects a count among many to be within four standard errors of its share. */
function expectShare(count: number, all: number, share: number): void {
  expect(Math.abs(count / all - share)).toBeLessThan(4 * Math.sqrt((share * (1 - share)) / all));
}

describe('FaceScenes', () => {
  it('are functions of the seed and the number', () => {
    const again = new FaceScenes(1, { height: 96, width: 128, widths: [8, 40] });
    new FaceScenes(2, { height: 64, width: 64 }).scene(0);
    expect(again.scene(17)).toEqual(found[17]);
    expect(found[18]!.image.values).not.toEqual(found[17]!.image.values);
    expect(new FaceScenes(2, { height: 96, width: 128 }).scene(17).image.values).not.toEqual(found[17]!.image.values);
    const floats = new FaceScenes(1, { height: 96, width: 128, widths: [8, 40], pixels: 'float32' }).scene(17);
    expect(floats.faces).toEqual(found[17]!.faces);
    expect(Uint8Array.from(floats.image.values, (value) => Math.round(255 * value))).toEqual(found[17]!.image.values);
  });

  it('have the size as asked, and 1 to 15 faces', () => {
    const { image } = found[0]!;
    expect([image.height, image.width, image.channels, image.values.length]).toEqual([96, 128, 3, 96 * 128 * 3]);
    const counts = found.map((scene) => scene.faces.length);
    expect(smallest(counts)).toBeGreaterThanOrEqual(1);
    expect(largest(counts)).toBeLessThanOrEqual(15);
    expect(new FaceScenes(1, { height: 64, width: 64, faces: [0, 0] }).scene(0).faces).toEqual([]);
  });

  it('have classes at the rates of the data set, and each wrong way as often', () => {
    for (const [label, share] of MASK_CLASS_SHARES.entries())
      expectShare(faces.filter((face) => face.label === label).length, faces.length, share);
    expect(faces.every(({ label, name }) => MASK_CLASSES[label] === name)).toBe(true);
    const labels = { none: 1, worn: 0, 'under-nose': 2, 'on-chin': 2, hanging: 2 } as const;
    expect(faces.every(({ label, wearing }) => labels[wearing] === label)).toBe(true);
    expect(new Set(faces.map(({ wearing }) => wearing)).size).toBe(5);
  });

  it('have beards, scarves and hands on faces without a mask alone', () => {
    const bare = faces.filter(({ wearing }) => wearing === 'none');
    for (const [lookalike, share] of [
      ['beard', 0.14],
      ['scarf', 0.08],
      ['hand', 0.08],
    ] as const)
      expectShare(bare.filter((face) => face.lookalike === lookalike).length, bare.length, share);
    expect(faces.every(({ wearing, lookalike }) => wearing === 'none' || lookalike === 'none')).toBe(true);
  });

  it('have boxes inside the picture, of the asked widths, that few others hide', () => {
    for (const { box, landmarks, visible } of faces) {
      const [x1, y1, x2, y2] = box;
      expect(Math.min(x1, y1, 128 - x2, 96 - y2)).toBeGreaterThanOrEqual(0);
      expect(x2 - x1).toBeGreaterThan(7.99);
      expect(x2 - x1).toBeLessThan(40.01);
      expect((y2 - y1) / (x2 - x1)).toBeGreaterThan(0.7);
      expect((y2 - y1) / (x2 - x1)).toBeLessThan(1.7);
      for (const [x, y] of Object.values(landmarks) as (readonly [number, number])[]) {
        expect(x > x1 && x < x2 && y > y1 && y < y2).toBe(true);
      }
      expect(visible).toBeGreaterThan(0.5);
    }
  });

  it('have log-normal widths', () => {
    const wide = new FaceScenes(3, { height: 256, width: 320, faces: [1, 1], widths: [4, 1000] });
    const widths = Array.from({ length: 60 }, (_, index) => wide.scene(index).faces)
      .flat()
      .map(({ box }) => Math.log(box[2] - box[0]));
    const mean = widths.reduce((sum, value) => sum + value, 0) / widths.length;
    expect(Math.abs(mean - Math.log(0.12 * 256))).toBeLessThan((4 * 0.65) / Math.sqrt(60));
    const spread = Math.sqrt(widths.reduce((sum, value) => sum + (value - mean) ** 2, 0) / widths.length);
    expect(Math.abs(spread - 0.65)).toBeLessThan((4 * 0.65) / Math.sqrt(120));
  });

  it.each([
    [{ height: 16 }, 'face scenes: expected sides of 32 to 4096 pixels, got 16 × 320'],
    [{ faces: [3, 2] }, 'face scenes: expected counts of faces from 0 to 100, the smaller first, got 3,2'],
    [{ widths: [2, 8] }, 'face scenes: expected widths from 4 pixels on, the smaller first, got 2,8'],
  ])('refuse %j', (options, message) => {
    expect(() => new FaceScenes(1, options as object)).toThrow(message);
  });

  it('refuse numbers that are none', () => {
    expect(() => scenes.scene(-1)).toThrow('face scenes: expected an integer of at least 0, got -1');
  });
});

describe('annotate', () => {
  const size = { height: 1000, width: 1000 };
  const truth = Array.from({ length: 6000 }, (_, index) => ({ box: [300, 400, 500, 440] as const, label: index % 3 }));

  it('displaces edges in proportion to the sides, and flips labels', () => {
    const annotated = annotate(truth, RandomNumbers.fromSeed(4), size);
    for (const [edge, side] of [200, 40, 200, 40].entries()) {
      const errors = annotated.map(({ box }, index) => (box[edge]! - truth[index]!.box[edge]!) / side);
      const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
      const deviation = Math.sqrt(errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / errors.length);
      expect(Math.abs(mean)).toBeLessThan((4 * 0.05) / Math.sqrt(6000));
      expect(Math.abs(deviation - 0.05)).toBeLessThan((4 * 0.05) / Math.sqrt(12_000));
    }
    const moves = annotated.map(({ label }, index) => (label - truth[index]!.label + 3) % 3);
    expectShare(moves.filter((move) => move !== 0).length, 6000, 0.02);
    expectShare(moves.filter((move) => move === 1).length, 6000, 0.01);
  });

  it('is the truth without errors, and a function of its stream', () => {
    expect(annotate(truth, RandomNumbers.fromSeed(4), { ...size, jitter: 0, flips: 0 })).toEqual(truth);
    const few = found[0]!.faces;
    const annotated = annotate(few, RandomNumbers.fromSeed(5), { height: 96, width: 128 });
    expect(annotate(few, RandomNumbers.fromSeed(5), { height: 96, width: 128 })).toEqual(annotated);
    expect(annotate(few, RandomNumbers.fromSeed(6), { height: 96, width: 128 })).not.toEqual(annotated);
  });

  it('keeps boxes with an area in the picture, whatever the jitter', () => {
    const edges = Array.from({ length: 500 }, () => ({ box: [0, 90, 3, 96] as const, label: 0 }));
    for (const { box } of annotate(edges, RandomNumbers.fromSeed(7), { height: 96, width: 128, jitter: 0.5 })) {
      expect(box[0] >= 0 && box[1] >= 0 && box[2] <= 128 && box[3] <= 96).toBe(true);
      expect(Math.min(box[2] - box[0], box[3] - box[1])).toBeGreaterThanOrEqual(1);
    }
  });

  it('refuses invalid errors', () => {
    const random = RandomNumbers.fromSeed(1);
    expect(() => annotate([], random, { ...size, jitter: 1 })).toThrow('annotator: expected a jitter of 0 to 0.5');
    expect(() => annotate([], random, { ...size, flips: -1 })).toThrow('got 0.05, -1 and 3');
    expect(() => annotate([], random, { ...size, classes: 1 })).toThrow('at least 2 classes');
  });
});
