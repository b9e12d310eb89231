import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { alignFace, type Landmarks, nearestSimilarity, type Point } from './align.ts';
import { parsePgm, readPicture } from './read.ts';

const bytes = (text: string, ...values: number[]) =>
  new Uint8Array(Buffer.concat([Buffer.from(text, 'latin1'), Buffer.from(values)]));

describe('nearestSimilarity', () => {
  const points: Point[] = [
    [3, 4],
    [10, 5],
    [6, 9],
    [4, 12],
    [9, 13],
  ];

  it('finds a turn, scaling and shift again', () => {
    const [a, b, right, down] = [1.3, -0.4, 5, -7];
    const moved = points.map(([x, y]) => [a * x - b * y + right, b * x + a * y + down] as const);
    const found = nearestSimilarity(points, moved);
    for (const [name, value] of Object.entries({ a, b, right, down }))
      expect(found[name as keyof typeof found]).toBeCloseTo(value, 10);
  });

  it('leaves the least sum of squares where none fits', () => {
    const to = points.map(([x, y], place) => [2 * x + (place % 2), y - place] as const);
    const best = nearestSimilarity(points, to);
    const error = ({ a, b, right, down }: typeof best) =>
      points.reduce((sum, [x, y], place) => {
        const [u, v] = [a * x - b * y + right, b * x + a * y + down];
        return sum + (u - to[place]![0]) ** 2 + (v - to[place]![1]) ** 2;
      }, 0);
    for (const step of [0.01, -0.01])
      for (const name of ['a', 'b', 'right', 'down'] as const)
        expect(error({ ...best, [name]: best[name] + step })).toBeGreaterThan(error(best));
  });

  it('shifts alone where all points are one', () => {
    expect(
      nearestSimilarity(
        [
          [1, 2],
          [1, 2],
        ],
        [
          [4, 4],
          [4, 4],
        ],
      ),
    ).toEqual({ a: 1, b: 0, right: 3, down: 2 });
  });
});

describe('alignFace', () => {
  /** A bright disc at each landmark. */
  function dotted(width: number, height: number, landmarks: Landmarks, radius: number) {
    const values = new Uint8Array(width * height * 3);
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++)
        if (landmarks.some(([x, y]) => Math.hypot(column + 0.5 - x, row + 0.5 - y) < radius))
          values.fill(255, 3 * (row * width + column), 3 * (row * width + column) + 3);
    return { values, width, height };
  }

  const upright: Landmarks = [
    [40, 50],
    [75, 50],
    [57, 70],
    [44, 90],
    [71, 90],
  ];

  it('brings the landmarks of a turned face of any size to the same places', () => {
    const views = [
      [1, 0],
      [0.5, 0.3],
      [3.2, -1.1],
    ].map(([a, b]) => {
      const landmarks = upright.map(
        ([x, y]) => [a! * x - b! * y + 200, b! * x + a! * y + 160] as const,
      ) as unknown as Landmarks;
      return alignFace(dotted(640, 720, landmarks, 6 * Math.hypot(a!, b!)), landmarks, 48);
    });
    for (const view of views.slice(1)) {
      let [together, first, second] = [0, 0, 0];
      for (let at = 0; at < view.length; at += 3) {
        together += view[at]! * views[0]![at]!;
        first += views[0]![at]! ** 2;
        second += view[at]! ** 2;
      }
      expect(together / Math.sqrt(first * second)).toBeGreaterThan(0.9);
    }
  });

  it('takes the middle without landmarks, means where it reduces, and repeats the edge outside', () => {
    const stripes = {
      width: 8,
      height: 4,
      values: Uint8Array.from({ length: 96 }, (_, at) => (Math.floor(at / 3) % 2) * 200),
    };
    expect(new Set(alignFace(stripes, undefined, 2))).toEqual(new Set([100]));
    const even = { width: 10, height: 10, values: new Uint8Array(300).fill(77) };
    expect(
      new Set(
        alignFace(
          even,
          [
            [-50, -9],
            [90, -9],
            [20, 80],
            [-30, 150],
            [70, 150],
          ],
          16,
        ),
      ),
    ).toEqual(new Set([77]));
  });

  it('refuses a picture of one pixel', () => {
    expect(() => alignFace({ width: 1, height: 1, values: new Uint8Array(3) }, undefined, 8)).toThrow(
      new UserError('picture: expected at least 2 × 2 pixels, got 1 × 1'),
    );
  });
});

describe('parsePgm', () => {
  it.each([
    ['line feeds', 'P5\n2 1\n255\n'],
    ['carriage returns', 'P5\r\n2 1\r\n255\r\n'],
    ['comments', 'P5 # made by hand\n2 # wide\n1 255\n'],
  ])('reads headers with %s', (_, header) => {
    expect(parsePgm(bytes(header, 7, 9), 'a.pgm')).toEqual({
      values: Uint8Array.of(7, 7, 7, 9, 9, 9),
      width: 2,
      height: 1,
    });
  });

  it('stretches values to 255', () => {
    expect(parsePgm(bytes('P5 1 2 15 ', 15, 5), 'a.pgm').values).toEqual(Uint8Array.of(255, 255, 255, 85, 85, 85));
  });

  it.each([
    ['another kind', bytes('P2\n2 1\n255\n', 1, 2), 'found "P2 2 1 255"'],
    ['16 bits', bytes('P5\n1 1\n65535\n', 1, 2), 'found "P5 1 1 65535"'],
    ['no size', bytes('P5\n0 1\n255\n'), 'found "P5 0 1 255"'],
    ['too few values', bytes('P5\n2 2\n255\n', 1, 2), 'found 2 of 4 values'],
    ['no end of its header', bytes('P5\n2 '), 'found the end of the file after 2 of 4 fields'],
    ['an endless comment', bytes('P5 # 2 2 255'), 'found the end of the file after 1 of 4 fields'],
    ['nothing', new Uint8Array(0), 'found the end of the file after 0 of 4 fields'],
  ])('refuses %s', (_, file, found) => {
    expect(() => parsePgm(file, 'a.pgm')).toThrow(
      new UserError(`a.pgm: expected a binary PGM picture of 8 bits, ${found}`),
    );
  });
});

describe('readPicture', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-faces-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const wide = () => sharp({ create: { width: 6, height: 3, channels: 3, background: { r: 170, g: 120, b: 100 } } });

  it('reads CMYK, 16 bits, gray and transparent pictures as RGB, and turns them upright', async () => {
    const files = {
      'cmyk.jpg': await wide().toColorspace('cmyk').jpeg({ quality: 100 }).toBuffer(),
      'deep.png': await wide().toColorspace('rgb16').png().toBuffer(),
      'gray.png': await wide().toColorspace('b-w').png().toBuffer(),
      'alpha.png': await wide().ensureAlpha(1).png().toBuffer(),
    };
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(folder, name), content);
      const { width, height, values } = await readPicture(join(folder, name));
      expect([name, width, height, values.length]).toEqual([name, 6, 3, 54]);
      if (name.startsWith('gray')) expect(new Set(values).size).toBe(1);
      else
        for (const [channel, level] of [170, 120, 100].entries())
          expect(Math.abs(values[channel]! - level)).toBeLessThan(16);
    }
    const turned = join(folder, 'turned.jpg');
    await writeFile(turned, await wide().withMetadata({ orientation: 6 }).jpeg().toBuffer());
    expect(await readPicture(turned)).toMatchObject({ width: 3, height: 6 });
  });

  it('names a file that is no picture', async () => {
    const path = join(folder, 'none.png');
    await writeFile(path, 'nothing');
    await expect(readPicture(path)).rejects.toThrow(`${path}: expected a JPEG or PNG picture`);
  });
});
