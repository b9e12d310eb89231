import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { RandomStream, zeros } from '@motley/core';
import { publishedFile, publishedWeights, readWeights } from '@motley/core/node';
import { makeFolder, writeFileAtomically } from '@motley/run/node';
import { cacheFolder } from '@motley/tensorflow/library';
import * as tf from '@tensorflow/tfjs-core';
import { architectures } from '../architectures.ts';
import { createNetwork } from '../model.ts';
import type { ImageClassifier } from '../networks/image-classifier.ts';
import { classify, type Seeing } from '../predict.ts';
import { FETCH, LITE_FILE, renamed } from '../transfer/weights.ts';
import { imageNetSynsets } from './imagenet.ts';
import { type Encode, encodeBy } from './name-space.ts';
import { openSentenceEncoder } from './open-encoder.ts';
import { miniLmL6 } from './sentence-encoder.ts';
import type { Vectors } from './text-vectors.ts';

const BATCH = 16;

/** A classifier of ImageNet's classes and an encoder of texts. */
export interface Namer {
  /** How the classifier sees pictures. */
  readonly seeing: Seeing;
  /** Probabilities of ImageNet's classes: squares, bytes [N, S, S, 3] → [N, 1000]. */
  classify(squares: Uint8Array): Promise<Float32Array>;
  readonly encode: Encode;
  /** `encode`, whose vectors stay in the user's cache: for texts that are always the same. */
  readonly encodeOnce: Encode;
  dispose(): void;
}

/**
 * Opens EfficientNet-Lite0 and the sentence encoder as `fetch` brought them. The caller disposes of them.
 * @throws UserError naming the command where they are not there
 */
export async function openNamer(): Promise<Namer> {
  const classifier = await openClassifier();
  try {
    const { encoder, tokenizer } = await openSentenceEncoder(FETCH);
    const encode = encodeBy(encoder, tokenizer);
    const seeing = { preprocessing: architectures['efficientnet-lite0'].preprocessing, mirrored: true };
    return {
      seeing,
      classify: (squares) => classifyAll(classifier, squares, seeing),
      encode,
      encodeOnce: (texts) => cached(texts, encode),
      dispose() {
        classifier.dispose();
        encoder.dispose();
      },
    };
  } catch (error) {
    classifier.dispose();
    throw error;
  }
}

/** EfficientNet-Lite0 with the head that ImageNet trained. */
async function openClassifier(): Promise<ImageClassifier> {
  const given = await readWeights(publishedFile(publishedWeights['efficientnet-lite0'], LITE_FILE, FETCH));
  const options = { classes: imageNetSynsets.length, random: RandomStream.fromSeed(0), initializer: zeros };
  const model = createNetwork('efficientnet-lite0', options);
  try {
    model.loadStateDict(renamed(given, model));
    return model.eval();
  } catch (error) {
    model.dispose();
    throw error;
  } finally {
    tf.dispose(given);
  }
}

async function classifyAll(model: ImageClassifier, squares: Uint8Array, seeing: Seeing): Promise<Float32Array> {
  const length = seeing.preprocessing.cropSize ** 2 * 3;
  const count = squares.length / length;
  const all = new Float32Array(count * imageNetSynsets.length);
  for (let first = 0; first < count; first += BATCH) {
    const probabilities = classify(model, squares.subarray(first * length, (first + BATCH) * length), seeing);
    all.set(await probabilities.data<'float32'>(), first * imageNetSynsets.length);
    probabilities.dispose();
  }
  return all;
}

/** Vectors of texts by their hash. A file of another size is written anew. */
async function cached(texts: readonly string[], encode: Encode): Promise<Vectors> {
  const { version, package: name } = publishedWeights['minilm-l6'];
  const key = createHash('sha256')
    .update(JSON.stringify([name, version, texts]))
    .digest('hex')
    .slice(0, 32);
  const folder = join(dirname(cacheFolder()), 'food-vision');
  const path = join(folder, `${key}.texts.f32`);
  const stored = await readFile(path).catch(() => undefined);
  const width = miniLmL6.features;
  if (stored?.length === 4 * texts.length * width)
    return { values: new Float32Array(Uint8Array.from(stored).buffer), count: texts.length, width };
  const vectors = await encode(texts);
  await makeFolder(folder);
  const { buffer, byteOffset, byteLength } = vectors.values;
  await writeFileAtomically(path, new Uint8Array(buffer, byteOffset, byteLength));
  return vectors;
}
