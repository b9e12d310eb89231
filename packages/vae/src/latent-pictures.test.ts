import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { RunFolder } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { latentPlanes, writeLatentProjector, writeLatentWalk } from './latent-pictures.ts';
import { tsne, umap, type Plane, type Points } from './projection.ts';
import { blobs } from './testing/blobs.ts';
import { createModel } from './train.ts';

/** Three clusters in four dimensions; point i is in cluster i mod 3. */
function clusters(count: number): Points {
  const values = RandomStream.fromSeed(1).normalValues(count * 4);
  for (let row = 0; row < count; row++) values[row * 4 + (row % 3)]! += 12;
  return { values, count, size: 4 };
}

/** Fraction of points whose nearest neighbor is in the same cluster. */
function purity({ x, y }: Plane): number {
  let same = 0;
  for (let row = 0; row < x.length; row++) {
    let [nearest, least] = [-1, Infinity];
    for (let other = 0; other < x.length; other++) {
      const distance = Math.hypot(x[row]! - x[other]!, y[row]! - y[other]!);
      if (other !== row && distance < least) [nearest, least] = [other, distance];
    }
    if (nearest % 3 === row % 3) same++;
  }
  return same / x.length;
}

describe('projections', () => {
  it('keep clusters together', async () => {
    const points = clusters(150);
    expect(purity(await tsne(points))).toBeGreaterThan(0.95);
    const byUmap = umap(points, RandomStream.fromSeed(2));
    expect(purity(byUmap)).toBeGreaterThan(0.95);
    expect(umap(points, RandomStream.fromSeed(2))).toEqual(byUmap);
    expect('self' in globalThis).toBe(false);
  });

  it('reject too few points', async () => {
    await expect(tsne(clusters(20))).rejects.toThrow('projection: expected at least 100 points, got 20');
  });
});

describe('figures of the latents', () => {
  let path: string;
  beforeAll(async () => {
    await chooseBackend('cpu');
    path = await mkdtemp(join(tmpdir(), 'motley-latents-'));
  });
  afterAll(() => rm(path, { recursive: true }));

  it('are written, and leak no tensors', async () => {
    const settings = config.resolve({
      set: ['model.hiddenSizes=8', 'model.latentSize=3'],
    });
    const model = createModel(settings);
    const test = blobs(120, 1);
    const out = join(path, 'run');
    const folder = await RunFolder.create({ system: 'vae', config: settings, out });
    const before = tf.memory().numTensors;
    const lines: string[] = [];
    const random = RandomStream.fromSeed(1);
    const planes = await latentPlanes(model, test, 1000, random, (line) => lines.push(line));
    expect(Object.keys(planes)).toEqual(['latents-pca', 'latents-tsne', 'latents-umap']);
    expect(lines.join()).toMatch(/^PCA: 120 points in .* s,t-SNE: 120 points in .* s,UMAP: 120 points in .* s$/);
    await writeLatentProjector(out, model, test, 100);
    expect(await readFile(join(out, 'projector_config.pbtxt'), 'utf8')).toContain('posterior-means');
    const gif = await writeLatentWalk(folder, model, random);
    const { format, pages, width, pageHeight } = await sharp(gif, { animated: true }).metadata();
    expect({ format, pages, width, pageHeight }).toEqual({ format: 'gif', pages: 60, width: 336, pageHeight: 336 });
    expect(tf.memory().numTensors).toBe(before);
    await folder.close();
    model.dispose();
  });
});
