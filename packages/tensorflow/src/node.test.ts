import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeSavedModel } from './fixtures/saved-model.ts';
import { fileSystem, node } from './node.ts';
import { register } from './register.ts';
import { describeNative } from './testing.ts';

describeNative('tf.node', () => {
  let folder: string;

  beforeAll(async () => {
    await register();
    folder = await mkdtemp(join(tmpdir(), 'motley-node-'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  const pixels = (height: number, width: number) =>
    tf.tensor3d(
      Array.from({ length: height * width * 3 }, (_, index) => (index * 7) % 256),
      [height, width, 3],
      'int32',
    );

  it('writes PNG and reads it back, pixel by pixel', async () => {
    const image = pixels(5, 4);
    const bytes = await node.encodePng(image);
    expect(Buffer.from(bytes.subarray(1, 4)).toString()).toBe('PNG');
    const decoded = node.decodePng(bytes, 3);
    expect(decoded.dtype).toBe('int32');
    expect(decoded.dataSync()).toEqual(image.dataSync());
    expect(node.decodeImage(bytes).dataSync()).toEqual(image.dataSync());
  });

  it('writes JPEG and reads nearly the same pixels back', async () => {
    const image = tf.fill<tf.Rank.R3>([16, 16, 3], 100, 'int32');
    const decoded = node.decodeJpeg(await node.encodeJpeg(image, 'rgb', 100), 3);
    expect(decoded.shape).toEqual([16, 16, 3]);
    for (const value of decoded.dataSync()) expect(Math.abs(value - 100)).toBeLessThanOrEqual(2);
  });

  it('reads BMP and GIF', () => {
    const header = Buffer.alloc(54);
    header.write('BM');
    header.writeUInt32LE(58, 2);
    header.writeUInt32LE(54, 10);
    header.writeUInt32LE(40, 14);
    header.writeInt32LE(1, 18);
    header.writeInt32LE(1, 22);
    header.writeUInt16LE(1, 26);
    header.writeUInt16LE(24, 28);
    const bmp = Buffer.concat([header, Buffer.from([30, 20, 10, 0])]);
    expect(Array.from(node.decodeBmp(bmp).dataSync())).toEqual([10, 20, 30]);
    const gif = Buffer.from('R0lGODlhAQABAPAAAP8AAAAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw==', 'base64');
    expect(Array.from(node.decodeGif(gif).dataSync())).toEqual([255, 0, 0]);
  });

  it('refuses bytes that are not an image', () => {
    expect(() => node.decodePng(Buffer.from('no image'))).toThrow(/^DecodePng: /);
    expect(() => node.decodeImage(Buffer.from('no image'))).toThrow();
  });

  it('loads, runs and unloads a SavedModel', async () => {
    const path = join(folder, 'saved-model');
    await writeSavedModel(path);
    const [metaGraph] = await node.getMetaGraphsFromSavedModel(path);
    expect(metaGraph!.tags).toEqual(['serve']);
    const model = await node.loadSavedModel(path);
    expect(model.inputs.map(({ name }) => name)).toEqual(['x']);
    const before = tf.memory();
    const output = model.predict(tf.tensor1d([2, -3])) as tf.Tensor;
    expect(Array.from(output.dataSync())).toEqual([6, 6]);
    output.dispose();
    expect(tf.memory().numTensors).toBe(before.numTensors + 1);
    expect(node.getNumOfSavedModels()).toBe(1);
    model.dispose();
    expect(node.getNumOfSavedModels()).toBe(0);
  });

  it('refuses a folder without a SavedModel', async () => {
    await expect(node.loadSavedModel(join(folder, 'nothing'))).rejects.toThrow(/nothing/);
  });

  it('writes TensorBoard summaries', async () => {
    const path = join(folder, 'events');
    const writer = node.summaryFileWriter(path);
    for (let step = 0; step < 5; step++) writer.scalar('loss', 1 / (step + 1), step);
    writer.histogram('weights', tf.linspace(-1, 1, 50), 4, 10);
    writer.flush();
    const [file] = await readdir(path);
    expect(file).toMatch(/tfevents/);
    const content = await readFile(join(path, file!));
    expect(content.toString('latin1').match(/loss/g)!.length).toBeGreaterThanOrEqual(5);
    expect(content.includes('weights')).toBe(true);
  });

  it('saves and loads model artifacts under file://', async () => {
    const path = join(folder, 'model');
    const artifacts = {
      modelTopology: { layers: 1 },
      weightSpecs: [{ name: 'w', shape: [2], dtype: 'float32' as const }],
      weightData: Float32Array.of(1, 2).buffer,
    };
    await tf.io.getSaveHandlers(`file://${path}`)[0]!.save!(artifacts);
    const loaded = await fileSystem(join(path, 'model.json')).load();
    expect(loaded.modelTopology).toEqual({ layers: 1 });
    expect(new Float32Array(loaded.weightData as ArrayBuffer)).toEqual(Float32Array.of(1, 2));
  });
});
