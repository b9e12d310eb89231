import type { ShapeOptions } from '@motley/core/generators';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { easier, heldOutStreams, pictureAt, shapeStream, type PictureOptions, type StreamOptions } from './stream.ts';

const pictures: PictureOptions = { seed: 1, name: 'training', shapes: { imageSize: 16 } };
const options: StreamOptions = { ...pictures, batchSize: 4, batchesPerEpoch: 3, curriculumImages: 0 };

async function read(source: ReturnType<typeof shapeStream>, epoch: number, first = 0): Promise<number[][]> {
  const found: number[][] = [];
  for await (const { images, labels } of source.batches(epoch, first)) {
    found.push([...labels.dataSync(), ...images.dataSync()]);
    tf.dispose([images, labels]);
  }
  return found;
}

describe('shapeStream', () => {
  beforeAll(() => chooseBackend('cpu'));

  it('gives each place a picture of its own, from any starting batch', async () => {
    const whole = [...(await read(shapeStream(options), 0)), ...(await read(shapeStream(options), 1))];
    expect(whole).toHaveLength(6);
    expect(await read(shapeStream(options), 1, 2)).toEqual(whole.slice(5));
    const { image, label } = pictureAt(pictures, 4 * 4 + 1);
    expect(whole[4]![1]).toBe(label);
    expect(whole[4]!.slice(4 + image.length, 4 + 2 * image.length)).toEqual(
      Array.from(image, (value) => Math.fround(value / 255)),
    );
    const places = whole.flatMap((batch) =>
      [0, 1, 2, 3].map((row) => batch.slice(4 + row * image.length, 40 + row * image.length).join()),
    );
    expect(new Set(places).size).toBe(24);
  });

  it('gives other pictures for another name or seed', () => {
    const first = pictureAt(pictures, 0).image;
    expect(pictureAt({ ...pictures, name: 'validation' }, 0).image).not.toEqual(first);
    expect(pictureAt({ ...pictures, seed: 2 }, 0).image).not.toEqual(first);
    expect(pictureAt(pictures, 0).image).toEqual(first);
  });

  it('grows in difficulty from large, clear shapes to all', () => {
    const all: ShapeOptions = { diameters: [0.3, 0.9], minContrast: 0.2, maxNoise: 0.1 };
    expect(easier(all, 1)).toBe(all);
    const start = easier(all, 0);
    expect(start.diameters![0]).toBeCloseTo(0.7, 9);
    expect(start).toMatchObject({ minContrast: 0.6, maxNoise: 0 });
    const middle = easier(all, 0.5);
    expect(middle.diameters![0]).toBeCloseTo(0.5, 9);
    expect(middle.minContrast).toBeCloseTo(0.4, 9);
    expect(middle.maxNoise).toBeCloseTo(0.05, 9);
    // A contrast above that of the start stays.
    expect(easier({ minContrast: 0.7 }, 0).minContrast).toBe(0.7);
  });

  it('equals the stream without a curriculum after the curriculum', async () => {
    const curriculum = { ...options, curriculumImages: 12, shapes: { imageSize: 16, maxNoise: 1 } };
    const plain = { ...options, shapes: { imageSize: 16, maxNoise: 1 } };
    expect((await read(shapeStream(curriculum), 0))[0]).not.toEqual((await read(shapeStream(plain), 0))[0]);
    expect(await read(shapeStream(curriculum), 1)).toEqual(await read(shapeStream(plain), 1));
  });
});

describe('heldOutStreams', () => {
  it('has the first pictures of each part, one part after the other', async () => {
    const parts = [pictures, { ...pictures, name: 'other' }];
    const found = await read(heldOutStreams({ parts, count: 5, batchSize: 10 }), 0);
    const labels = parts.flatMap((part) => [0, 1, 2, 3, 4].map((place) => pictureAt(part, place).label));
    expect(found.map((batch) => batch.slice(0, 10))).toEqual([labels]);
  });

  it.each([
    ['contrast', [0.2, 0.25]],
    ['noise', [0.04, 0.05]],
  ] as const)('draws only pictures with the %s in the range', (quantity, range) => {
    for (let place = 0; place < 20; place++) {
      const shape = pictureAt(
        { ...pictures, shapes: { imageSize: 16, minContrast: 0 }, only: { quantity, range } },
        place,
      );
      expect(shape[quantity]).toBeGreaterThanOrEqual(range[0]);
      expect(shape[quantity]).toBeLessThan(range[1]);
    }
  });

  it('throws if no picture lies in the range', () => {
    const only = { quantity: 'noise', range: [2, 3] } as const;
    expect(() => pictureAt({ ...pictures, shapes: { imageSize: 8 }, only }, 0)).toThrow(
      'shapes: expected a noise from 2 to 3 in 10000 pictures, got none',
    );
  });
});
