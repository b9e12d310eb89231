import { type BatchSource, UserError } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { RandomStream } from '../random/random-stream.ts';
import type { Batch } from './batches.ts';
import { Dataset } from './dataset.ts';

const numbers = (count: number): Dataset<number> => Dataset.from(Array.from({ length: count }, (_, index) => index));
const seeded = (seed = 1): RandomStream => RandomStream.fromSeed(seed);

async function epochOf<T>(dataset: Dataset<T>, epoch = 0, first = 0): Promise<T[]> {
  const items: T[] = [];
  for await (const item of dataset.items(epoch, first)) items.push(item);
  return items;
}

/** Field values of each batch, as nested arrays. */
async function batchesOf(source: BatchSource<Batch>, epoch = 0, first = 0): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for await (const batch of source.batches(epoch, first)) {
    found.push(Object.fromEntries(Object.entries(batch).map(([name, tensor]) => [name, tensor.arraySync()])));
    tf.dispose(batch);
  }
  return found;
}

describe('Dataset', () => {
  it('maps, takes, skips, concatenates and zips by index', async () => {
    const squares = numbers(5).map((value) => value ** 2);
    expect(await squares.toArray()).toEqual([0, 1, 4, 9, 16]);
    expect(await squares.take(2).concat(squares.skip(3)).toArray()).toEqual([0, 1, 9, 16]);
    expect(await Dataset.zip(squares, numbers(3)).toArray()).toEqual([
      [0, 0],
      [1, 1],
      [4, 2],
    ]);
    expect(await numbers(2).repeat(3).toArray()).toEqual([0, 1, 0, 1, 0, 1]);
    expect(numbers(2).skip(5).length).toBe(0);
  });

  it('awaits promised items and keeps their order', async () => {
    const later = numbers(4).map((value) => Promise.resolve(value * 10));
    expect(await later.map((value) => value + 1).toArray()).toEqual([1, 11, 21, 31]);
  });

  it('shuffles each epoch differently, with every item once, reproducibly by seed', async () => {
    const make = (seed: number) => numbers(50).shuffle(seeded(seed));
    const first = await epochOf(make(1));
    expect(first).not.toEqual(await numbers(50).toArray());
    expect([...first].sort((a, b) => a - b)).toEqual(await numbers(50).toArray());
    expect(await epochOf(make(1))).toEqual(first);
    expect(await epochOf(make(1), 1)).not.toEqual(first);
    expect(await epochOf(make(2))).not.toEqual(first);
    const dataset = make(1);
    await epochOf(dataset, 7);
    expect(await epochOf(dataset, 0, 20)).toEqual(first.slice(20));
  });

  it('shuffles with a buffer: every item once, and none earlier than the buffer allows', async () => {
    const order = await epochOf(numbers(500).shuffle(seeded(), { buffer: 20 }));
    expect([...order].sort((a, b) => a - b)).toEqual(await numbers(500).toArray());
    expect(order.every((value, place) => value - place < 20)).toBe(true);
    expect(order.filter((value, place) => value !== place).length).toBeGreaterThan(400);
    expect(await epochOf(numbers(5).shuffle(seeded(), { buffer: 1 }))).toEqual([0, 1, 2, 3, 4]);
  });

  it('shuffles each repetition differently', async () => {
    const twice = await epochOf(numbers(20).shuffle(seeded()).repeat(2));
    expect(twice.slice(0, 20)).not.toEqual(twice.slice(20));
    expect(twice.slice(20).sort((a, b) => a - b)).toEqual(await numbers(20).toArray());
    const endless = numbers(20).shuffle(seeded()).repeat();
    const backwards = Array.from({ length: 40 }, (_, index) => endless.at(39 - index));
    expect(await endless.take(40).toArray()).toEqual(backwards.reverse());
  });

  it('gives each item its own noise per epoch, independent of earlier requests', () => {
    const noisy = numbers(3).map((value, random) => value + random.uniformValues(1)[0]!, seeded());
    const [first, second] = [noisy.at(0, 0), noisy.at(1, 0)];
    expect(noisy.at(0, 1)).not.toBe(first);
    expect(noisy.at(0, 0)).toBe(first);
    expect((second as number) - 1).not.toBe(first);
  });

  it('generates item i from the stream and i only', () => {
    const make = () => Dataset.generate(Infinity, seeded(), (random, index) => [index, random.words(1)[0]!]);
    expect(make().at(1_000_000)).toEqual(make().at(1_000_000));
    const [[, a], [, b]] = [make().at(0), make().at(1)] as [number[], number[]];
    expect(a).not.toBe(b);
  });

  it('filters items that are the same in all epochs, and refuses others', async () => {
    const even = await numbers(10).filter((value) => value % 2 === 0);
    expect(even.length).toBe(5);
    expect((await epochOf(even.shuffle(seeded()))).sort((a, b) => a - b)).toEqual([0, 2, 4, 6, 8]);
    await expect(
      numbers(3)
        .shuffle(seeded())
        .filter(() => true),
    ).rejects.toThrow('filter before shuffling');
    await expect(
      numbers(3)
        .repeat()
        .filter(() => true),
    ).rejects.toThrow('take(count) gives it one');
  });

  it('refuses invalid indices and counts', () => {
    expect(() => numbers(3).at(3)).toThrow('dataset: expected an index from 0 to 2, got 3');
    expect(() => numbers(3).take(-1)).toThrow('take: expected count to be an integer of at least 0, got -1');
    expect(() => numbers(3).shuffle(seeded(), { buffer: 0 })).toThrow('expected buffer to be an integer of at least 1');
    expect(() => numbers(3).repeat().shuffle(seeded())).toThrow('shuffle: expected a dataset with an end');
  });
});

describe('batches of a dataset', () => {
  beforeAll(() => tf.setBackend('cpu'));

  const items = (count: number) =>
    numbers(count).map((value) => ({ image: Uint8Array.of(value, 255), label: value, name: `number ${value}` }));
  const fields = {
    image: { shape: [2], dtype: 'float32', divisor: 255 },
    label: { shape: [], dtype: 'int32' },
  } as const;

  it('collate the named fields to tensors of their dtypes', async () => {
    const source = items(5).batch({ batchSize: 2, fields });
    expect(source.batchesPerEpoch).toBe(3);
    for await (const { image, label, ...rest } of source.batches(0)) {
      expect(rest).toEqual({});
      expect([image.dtype, label.dtype]).toEqual(['float32', 'int32']);
      expect(image.arraySync()).toEqual([...label.dataSync()].map((value) => [Math.fround(value / 255), 1]));
      tf.dispose([image, label]);
    }
    expect(await batchesOf(items(5).batch({ batchSize: 2, fields, dropLast: true }))).toHaveLength(2);
  });

  it.each([
    [NaN, 'NaN'],
    [3e9, '3000000000'],
    [-(2 ** 31) - 1, '-2147483649'],
    [[1, 2 ** 31], '2147483648'],
    [Float64Array.of(7, Infinity), 'Infinity'],
    [Uint32Array.of(4e9, 0), '4000000000'],
  ])('refuse %s as integers of 32 bits, naming the item', async (value, shown) => {
    const source = Dataset.from([0, value]).map((id) => ({ id: id === 0 && Array.isArray(value) ? [0, 0] : id }));
    const shape = typeof value === 'number' ? ([] as const) : ([null] as const);
    const batches = source.batch({ batchSize: 2, fields: { id: { shape, dtype: 'int32' } } });
    await expect(batchesOf(batches)).rejects.toThrow(
      `batch 0 of epoch 0: row 1, field "id": expected integers of 32 bits, got ${shown}`,
    );
  });

  it('refuse an integer that is no class, naming the item', async () => {
    const labels = { label: { shape: [null], dtype: 'int32', below: 2, padding: -1 } } as const;
    const batches = (...values: number[][]) =>
      Dataset.from(values)
        .map((label) => ({ label }))
        .batch({ batchSize: 2, fields: labels });
    expect(await batchesOf(batches([0, 1], [1]))).toEqual([
      {
        label: [
          [0, 1],
          [1, -1],
        ],
      },
    ]);
    for (const wrong of [2, -1])
      await expect(batchesOf(batches([0], [1, wrong]))).rejects.toThrow(
        `row 1, field "label": expected integers in [0, 2), got ${wrong}`,
      );
  });

  it('keep the outermost integers of 32 bits, and cut off fractions', async () => {
    const values = [2 ** 31 - 1, -(2 ** 31), 2.75, -2.75];
    const batches = Dataset.from(values).map((id) => ({ id }));
    const fields = { id: { shape: [], dtype: 'int32' } } as const;
    expect(await batchesOf(batches.batch({ batchSize: 4, fields }))).toEqual([
      { id: [2147483647, -2147483648, 2, -2] },
    ]);
    const padded = { id: { shape: [null], dtype: 'int32', padding: NaN } } as const;
    await expect(batchesOf(batches.batch({ batchSize: 4, fields: padded }))).rejects.toThrow(
      'field "id": expected a padding of 32 bits, got NaN',
    );
  });

  it('resume anywhere: shuffled, noisy and with prefetching', async () => {
    const make = (prefetch: number) =>
      items(23)
        .shuffle(seeded(1))
        .map((item, random) => Promise.resolve({ ...item, noise: random.normalValues(2) }), seeded(2))
        .batch({ batchSize: 4, fields: { ...fields, noise: { shape: [2], dtype: 'float32' } }, prefetch });
    const whole = await batchesOf(make(0), 3);
    expect(await batchesOf(make(2), 3)).toEqual(whole);
    expect(await batchesOf(make(100), 3, 2)).toEqual(whole.slice(2));
    expect(await batchesOf(make(0), 3, 6)).toEqual([]);
    expect(await batchesOf(make(0), 4)).not.toEqual(whole);
  });

  it('split an endless dataset into consecutive epochs', async () => {
    const generated = Dataset.generate(Infinity, seeded(), (random, index) => ({
      index,
      word: random.words(1)[0]! % 9,
    }));
    const integer = { shape: [], dtype: 'int32' } as const;
    const source = generated.batch({ batchSize: 2, batchesPerEpoch: 3, fields: { index: integer } });
    expect(await batchesOf(source, 1)).toEqual([{ index: [6, 7] }, { index: [8, 9] }, { index: [10, 11] }]);
    expect(() => generated.batch({ batchSize: 2, fields: { index: integer } })).toThrow('got one without');
    expect(() => items(3).batch({ batchSize: 2, batchesPerEpoch: 2, fields })).toThrow('got one with');
  });

  const words = (...lengths: number[]) =>
    Dataset.from(lengths).map((length) => ({ word: Int32Array.from({ length }, () => length) }));
  const word = { shape: [null], dtype: 'int32', padding: -1 } as const;

  it('are padded to the longest item, or to a multiple', async () => {
    const source = words(1, 3, 2).batch({ batchSize: 2, fields: { word } });
    expect(await batchesOf(source)).toEqual([
      {
        word: [
          [1, -1, -1],
          [3, 3, 3],
        ],
      },
      { word: [[2, 2]] },
    ]);
    const rounded = words(1, 3).batch({ batchSize: 2, fields: { word }, padToMultipleOf: 4 });
    for await (const batch of rounded.batches(0)) {
      expect(batch.word.shape).toEqual([2, 4]);
      tf.dispose(batch);
    }
  });

  it('pad rows of several values', async () => {
    const rows = Dataset.from([Float32Array.of(1, 2), Float32Array.of(3, 4, 5, 6)]).map((row) => ({ row }));
    const source = rows.batch({ batchSize: 2, fields: { row: { shape: [null, 2], dtype: 'float32' } } });
    const padded = [
      [1, 2],
      [0, 0],
    ];
    const full = [
      [3, 4],
      [5, 6],
    ];
    expect(await batchesOf(source)).toEqual([{ row: [padded, full] }]);
  });

  it('group items of similar length in few shapes, with each item once', async () => {
    const lengths = [...seeded(3).integers(200, 1, 33)];
    const source = words(...lengths).bucketByLength({
      lengths,
      boundaries: [8, 16, 32],
      batchSize: [32, 16, 8],
      random: seeded(),
      fields: { word },
    });
    const shapes: (readonly number[])[] = [];
    const found: number[] = [];
    for await (const batch of source.batches(2)) {
      shapes.push(batch.word.shape);
      for (const row of batch.word.arraySync() as number[][]) {
        const length = row.find((value) => value >= 0)!;
        found.push(length);
        expect(row).toEqual(Array.from({ length: row.length }, (_, index) => (index < length ? length : -1)));
        expect(row.length).toBe(length <= 8 ? 8 : length <= 16 ? 16 : 32);
      }
      tf.dispose(batch);
    }
    expect(shapes).toHaveLength(source.batchesPerEpoch);
    expect(shapes.filter(([count, length]) => count === 256 / length!).length).toBe(source.batchesPerEpoch - 3);
    expect(found.sort((a, b) => a - b)).toEqual([...lengths].sort((a, b) => a - b));
    expect(await batchesOf(source, 2, 5)).toEqual((await batchesOf(source, 2)).slice(5));
    expect(await batchesOf(source, 3)).not.toEqual(await batchesOf(source, 2));
  });

  it('pad fields of another rate to their share of the boundary', async () => {
    const items = [4, 9].map((length) => ({ frames: new Float32Array(length), letters: new Float32Array(length / 4) }));
    const source = Dataset.from(items).bucketByLength({
      lengths: [4, 9],
      boundaries: [6, 10],
      batchSize: 1,
      fields: { frames: word, letters: { ...word, rowsPerLength: 0.25 } },
    });
    const shapes: (readonly number[])[] = [];
    for await (const batch of source.batches(0)) {
      shapes.push(batch.frames.shape, batch.letters.shape);
      tf.dispose(batch);
    }
    expect(shapes).toEqual([
      [1, 6],
      [1, 2],
      [1, 10],
      [1, 3],
    ]);
    const rounded = Dataset.from(items).batch({
      batchSize: 2,
      padToMultipleOf: 8,
      fields: { letters: { ...word, rowsPerLength: 0.25 } },
    });
    for await (const batch of rounded.batches(0)) {
      expect(batch.letters.shape).toEqual([2, 2]); // 2 letters stand for a length of 8
      tf.dispose(batch);
    }
  });

  it('drop incomplete buckets on request', async () => {
    const lengths = [1, 1, 1, 9];
    const options = { lengths, boundaries: [4, 10], batchSize: 2, dropLast: true, fields: { word } };
    const source = words(...lengths).bucketByLength(options);
    expect([source.batchesPerEpoch, (await batchesOf(source)).length]).toEqual([1, 1]);
  });

  it('refuse invalid buckets', () => {
    const bucket = (lengths: number[], boundaries: number[], batchSize: number | number[] = 2) =>
      words(1, 2, 3).bucketByLength({ lengths, boundaries, batchSize, fields: { word } });
    expect(() => bucket([1, 2], [4])).toThrow('expected the lengths of 3 items, got 2');
    expect(() => bucket([1, 2, 3], [2])).toThrow('item 2: expected a length of at most 2, got 3');
    expect(() => bucket([1, 2, 3], [4, 4])).toThrow('expected ascending boundaries, got 4, 4');
    expect(() => bucket([1, 2, 3], [4], [2, 3])).toThrow('a batch size for each of 1 boundaries, got 2');
    const shuffled = words(1, 2).shuffle(seeded());
    const options = { lengths: [1, 2], boundaries: [4], batchSize: 1, fields: { word } };
    expect(() => shuffled.bucketByLength(options)).toThrow('pass `random` instead of shuffling before');
  });

  it('name the item and field that do not fit', async () => {
    const wrong = Dataset.from([{ image: Uint8Array.of(1, 2) }, { image: Uint8Array.of(1, 2, 3) }]);
    const source = wrong.batch({ batchSize: 2, fields: { image: fields.image } });
    await expect(batchesOf(source)).rejects.toThrow(
      'batch 0 of epoch 0: row 1, field "image" of shape [2]: expected 2 values, got 3',
    );
    const missing = Dataset.from<Record<'image', unknown>>([{ image: 'a.png' }]);
    await expect(batchesOf(missing.batch({ batchSize: 1, fields: { image: fields.image } }))).rejects.toThrow(
      'expected 2 values, got a value of type string',
    );
    const long = words(1, 5).bucketByLength({ lengths: [1, 2], boundaries: [4], batchSize: 2, fields: { word } });
    await expect(batchesOf(long)).rejects.toThrow('field "word": expected at most 4 rows in an item, got 5');
  });

  it('name the item that could not be created, and keep the class of the error', async () => {
    const failing = (error: Error, isLater: boolean) =>
      numbers(4)
        .map((value) => {
          if (value !== 2) return { value };
          if (isLater) return Promise.reject(error);
          throw error;
        })
        .batch({ batchSize: 2, fields: { value: { shape: [], dtype: 'float32' } } });
    for (const isLater of [false, true]) {
      const error = new Error('no such file');
      await expect(batchesOf(failing(error, isLater), 5)).rejects.toMatchObject({
        message: 'item 2 of epoch 5: no such file',
        cause: error,
      });
      await expect(batchesOf(failing(new UserError('bad'), isLater))).rejects.toBeInstanceOf(UserError);
    }
  });

  it('refuse invalid options', () => {
    expect(() => items(3).batch({ batchSize: 0, fields })).toThrow('expected a batch size of at least 1, got 0');
    expect(() => items(3).batch({ batchSize: 4, fields, dropLast: true })).toThrow('at least one whole batch');
  });

  it('leak no tensors, even when iteration stops early', async () => {
    const before = tf.memory().numTensors;
    for await (const batch of items(9).batch({ batchSize: 2, fields, prefetch: 3 }).batches(0)) {
      tf.dispose(batch);
      break;
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});
