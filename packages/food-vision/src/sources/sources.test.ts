import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomStream } from '@motley/core';
import { UserError } from '@motley/run';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { config } from '../config.ts';
import { loadData, squareAt } from '../data.ts';
import { drawSvg } from '../pictures/decode.ts';
import { loadEmoji } from './emoji.ts';
import { listFolders } from './folders.ts';
import { stratifiedSplit } from './split.ts';
import { EMOJI_STYLES } from './styles.ts';

const random = RandomStream.fromSeed(1);

describe('stratifiedSplit', () => {
  it('takes its share of each class, and at least one', () => {
    const labels = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2];
    const [first, second] = stratifiedSplit(labels, 0.25, random);
    const counts = (places: readonly number[]) =>
      [0, 1, 2].map((label) => places.filter((place) => labels[place] === label).length);
    expect(counts(second)).toEqual([2, 1, 0]); // the only one of its class trains
    expect(counts(first)).toEqual([6, 1, 1]);
    expect([...first, ...second].sort((a, b) => a - b)).toEqual(Array.from(labels.keys()));
    expect(stratifiedSplit(labels, 0.25, RandomStream.fromSeed(1))).toEqual([first, second]);
    const others = [2, 3, 4, 5].map((seed) => stratifiedSplit(labels, 0.25, RandomStream.fromSeed(seed))[1].join());
    expect(new Set(others).size).toBeGreaterThan(1);
  });
});

describe('folders', () => {
  let folder: string;
  let png: Buffer;
  const put = async (...path: string[]): Promise<void> => {
    await mkdir(join(folder, ...path.slice(0, -1)), { recursive: true });
    await writeFile(join(folder, ...path), png);
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'motley-food-'));
    png = await sharp({ create: { width: 8, height: 6, channels: 3, background: 'green' } })
      .png()
      .toBuffer();
    for (const part of ['train', 'test'])
      for (const food of ['pizza', 'steak', 'sushi']) await put('three', part, food, `${part}.png`);
    await put('plain', 'green_salad', 'a.png');
    await put('plain', 'green_salad', 'deeper', 'b.JPG');
    await put('plain', 'green_salad', 'notes.txt');
    await put('plain', 'soup', 'c.png');
    await put('plain', 'beside.png');
    await mkdir(join(folder, 'plain', 'empty'));
    await symlink('/etc', join(folder, 'plain', 'link'));
    await put('other', 'train', 'pizza', 'a.png');
    await put('other', 'train', 'soup', 'a.png');
    await put('other', 'test', 'pizza', 'a.png');
    await put('other', 'test', 'salad', 'a.png');
    await put('lone', 'pizza', 'a.png');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('lists parts, and classes with what lies below them', async () => {
    const { parts } = await listFolders(join(folder, 'three'));
    expect(parts.training).toMatchObject({ classes: ['pizza', 'steak', 'sushi'], labels: [0, 1, 2] });
    expect(parts.test!.paths[1]).toBe(join(folder, 'three', 'test', 'steak', 'test.png'));
    const { whole } = await listFolders(join(folder, 'plain'));
    expect(whole).toMatchObject({ classes: ['green salad', 'soup'], labels: [0, 0, 1] });
  });

  it.each([
    ['lone', 'expected folders of JPEG, PNG or WebP pictures, one for each of two classes or more, found 1'],
    ['other', 'expected the classes pizza, soup in each part, found pizza, salad'],
    ['none', 'expected a folder of class folders, found'],
  ])('refuses %s in one line', async (name, message) => {
    const error = await listFolders(join(folder, name)).catch((each: unknown) => each as Error);
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toContain(message);
  });

  it('loads them as squares', async () => {
    const data = await loadData(config.resolve({}), join(folder, 'three'));
    expect(data.classes).toEqual(['pizza', 'steak', 'sushi']);
    expect([data.framing, data.validation]).toEqual(['crop', undefined]);
    expect([data.training.labels.length, data.test.labels.length, data.test.size]).toEqual([3, 3, 224]);
    expect(Array.from(squareAt(data.test, 2).subarray(0, 3))).toEqual([0, 128, 0]);
  });

  it('names a damaged picture', async () => {
    await put('damaged', 'a', '1.png');
    await put('damaged', 'b', '1.png');
    await writeFile(join(folder, 'damaged', 'b', '2.png'), 'no picture');
    await expect(loadData(config.resolve({}), join(folder, 'damaged'))).rejects.toThrow(
      /b\/2\.png: expected a JPEG, PNG or WebP picture, found/,
    );
  });
});

describe('emoji', () => {
  it('has 88 foods in seven styles, and draws them', async () => {
    const { foods, emoji } = await loadEmoji();
    expect(foods).toHaveLength(88);
    expect(foods).toContain('pizza');
    expect(emoji).toHaveLength(88 * EMOJI_STYLES.length);
    const pizza = await emoji.find(({ food, style }) => food === 'pizza' && style === 'openmoji')!.draw();
    expect([pizza.height, pizza.width]).toEqual([320, 320]);
    expect(new Set(pizza.values).size).toBeGreaterThan(20);
  });

  it('draws a clipped shape that lies outside the picture, at which resvg ends the process', async () => {
    const clip = '<clipPath id="a"><path d="M98 0h8v8h-8z"/></clipPath>';
    const outside = '<rect x="100" width="4" height="4" clip-path="url(#a)"/>';
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8">${clip}${outside}</svg>`;
    expect(new Set((await drawSvg(svg, 'outside')).values)).toEqual(new Set([255]));
  });
});
