import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { yieldToEventLoop } from '@motley/run';
import { makeFolder, writeFileAtomically } from '@motley/run/node';
import { cacheFolder } from '@motley/tensorflow/library';
import type { LabeledPictures } from '../data.ts';
import type { ImageClassifier } from '../networks/image-classifier.ts';
import { featuresOf, type Seeing } from '../predict.ts';
import type { Rows } from './ridge.ts';

const BATCH_SIZE = 16;

/** Features of all pictures, in their order. */
async function computeFeatures(
  model: ImageClassifier,
  { squares, size }: Pick<LabeledPictures, 'squares' | 'size'>,
  seeing: Seeing,
): Promise<Rows> {
  const length = size * size * 3;
  const parts: Float32Array[] = [];
  for (let first = 0; first < squares.length; first += BATCH_SIZE * length) {
    const features = featuresOf(model, squares.subarray(first, first + BATCH_SIZE * length), seeing);
    parts.push(await features.data<'float32'>());
    features.dispose();
    await yieldToEventLoop();
  }
  return joined(parts, model.head.weight.shape[1]!);
}

function joined(parts: readonly Float32Array[], width: number): Rows {
  const values = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    values.set(part, at);
    at += part.length;
  }
  return { values, width };
}

/**
 * Features of pictures by a backbone that does not change, kept in the user's cache: a second run with the same pictures
 * and weights computes none.
 */
export class FeatureStore {
  readonly #model: ImageClassifier;
  readonly #seeing: Seeing;
  readonly #digest: string;
  readonly #folder: string;

  /** @param digest identifies the backbone's weights */
  constructor(model: ImageClassifier, seeing: Seeing, digest: string, folder = defaultFolder()) {
    this.#model = model;
    this.#seeing = seeing;
    this.#digest = digest;
    this.#folder = folder;
  }

  /** Features of all pictures, in their order: [N, D]. */
  async features(pictures: LabeledPictures): Promise<Rows> {
    const path = join(this.#folder, `${this.#keyOf(pictures)}.f32`);
    const width = this.#model.head.weight.shape[1]!;
    const stored = await readFile(path).catch(() => undefined);
    if (stored?.length === 4 * width * pictures.labels.length) {
      const bytes = Uint8Array.from(stored); // aligned
      return { values: new Float32Array(bytes.buffer), width };
    }
    const rows = await computeFeatures(this.#model, pictures, this.#seeing);
    await makeFolder(this.#folder);
    const { buffer, byteOffset, byteLength } = rows.values;
    await writeFileAtomically(path, new Uint8Array(buffer, byteOffset, byteLength));
    return rows;
  }

  #keyOf({ squares, size }: LabeledPictures): string {
    const hash = createHash('sha256').update(JSON.stringify([this.#digest, this.#seeing, size]));
    return hash.update(squares).digest('hex').slice(0, 32);
  }
}

function defaultFolder(): string {
  return join(dirname(cacheFolder()), 'food-vision');
}
