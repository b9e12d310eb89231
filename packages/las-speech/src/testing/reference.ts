import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { largest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { modelSchema, type ModelConfig } from '../config.ts';

interface Values {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** One network, what it heard, and what became of it in PyTorch. */
export interface ReferenceCase extends Pick<
  ModelConfig,
  'attention' | 'pyramidLayers' | 'framesPerStep' | 'locationRadius' | 'tiedEmbedding'
> {
  /** Number of frames of the batch, T. */
  readonly frames: number;
  readonly lengths: readonly number[];
  readonly transcripts: readonly (readonly number[])[];
  readonly results: Readonly<
    Record<'heard' | 'steps' | 'ctcLogits' | 'logits' | 'weights' | 'spelling' | 'ctc' | 'loss', readonly number[]>
  >;
  /** Gradients of the joint loss, in the order of the formula's seeds. */
  readonly gradients: Readonly<Record<string, Values>>;
}

/** Made by reference.py. */
export const { cases: referenceCases } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../reference.json'), 'utf8'),
) as { readonly cases: readonly ReferenceCase[] };

export const FEATURES = 5;
export const LABEL_SMOOTHING = 0.1;
export const CTC_WEIGHT = 0.3;

const FRAMES_SEED = 50;
const PRIME = 10_007;

/** Settings of a case's network. */
export function settingsOf(each: Partial<ModelConfig> = {}): ModelConfig {
  const { attention, pyramidLayers, framesPerStep, locationRadius, tiedEmbedding, heads, dropout } = each;
  return modelSchema.parse({
    features: FEATURES,
    listenerUnits: 3,
    spellerUnits: 4,
    embeddingSize: 3,
    attentionSize: 4,
    locationFilters: 2,
    alphabetSize: 9,
    attention,
    pyramidLayers,
    framesPerStep,
    locationRadius,
    tiedEmbedding,
    heads,
    dropout: dropout ?? 0,
  });
}

/** Numbers between -scale and scale, as in reference.py. */
export function formula(seed: number, shape: readonly number[], scale: number): tf.Tensor {
  const values = Float32Array.from({ length: tf.util.sizeFromShape([...shape]) }, (_, position) => {
    const remainder = ((position + 1 + 97 * seed) % PRIME) ** 3 % PRIME;
    return (remainder / PRIME) * 2 * scale - scale;
  });
  return tf.tensor(values, [...shape]);
}

/** Parameters of a case, by name. */
export function weightsOf({ gradients }: ReferenceCase): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(gradients).map(([name, { shape }], seed) => [name, formula(seed, shape, 1.5)]),
  );
}

/** Frames [B, T, F], their numbers [B] and transcripts [B, L] of a case. */
export function batchOf({ frames, lengths, transcripts }: ReferenceCase) {
  return {
    frames: formula(FRAMES_SEED, [lengths.length, frames, FEATURES], 2),
    lengths: tf.tensor1d([...lengths], 'int32'),
    transcripts: tf.tensor2d(
      transcripts.map((row) => [...row]),
      undefined,
      'int32',
    ),
  };
}

/** The least scale of a difference: gradients that are 0 in exact numbers are not in float32. */
const LEAST_SCALE = 1e-2;

/** Largest difference, as a share of the largest value. Infinity where the sizes differ. */
export function difference(found: tf.Tensor, expected: ArrayLike<number>): number {
  const actual = found.dataSync();
  if (actual.length !== expected.length) return Infinity;
  const scale = Math.max(largest(Array.from(expected, Math.abs)), LEAST_SCALE);
  const differences = Array.from(actual, (value, index) => Math.abs(value - expected[index]!));
  // NaN is no difference to the largest of numbers.
  return differences.some(Number.isNaN) ? NaN : largest(differences) / scale;
}
