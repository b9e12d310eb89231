import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ArrayBatches, fit, RandomStream, type TensorRunContext, encodeTensors } from '@motley/core';
import { readWeights } from '@motley/core/node';
import { UserError } from '@motley/run';
import { findWorkspaceRoot, writeFileAtomically } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import type { Digits } from '../data.ts';
import { PIXELS } from '../model.ts';
import { VerificationNetwork } from './network.ts';

const BATCH_SIZE = 128;
const LEARNING_RATE = 2e-3;

export interface VerificationTraining extends Pick<TensorRunContext, 'signal' | 'compile'> {
  readonly epochs: number;
  readonly seed: number;
  /** Default: 128. */
  readonly batchSize?: number;
}

/** Trains the network on gray images [N, 784] of single digits. The caller disposes of it. */
export async function trainVerification(
  digits: Digits,
  { epochs, seed, batchSize = BATCH_SIZE, signal, compile }: VerificationTraining,
): Promise<VerificationNetwork> {
  const random = RandomStream.fromSeed(seed).fork('verification');
  const network = new VerificationNetwork(random.fork('weights'));
  const fields = {
    images: { values: digits.images, shape: [PIXELS], divisor: 255 },
    labels: { values: Int32Array.from(digits.labels), shape: [] },
  };
  const trainingBatches = new ArrayBatches(fields, {
    batchSize,
    random: random.fork('order'),
  });
  try {
    const { status } = await fit({
      model: network,
      epochs,
      seed,
      signal,
      compile,
      learningRate: LEARNING_RATE,
      optimizer: 'adam',
      trainingBatches,
      loss: ({ images, labels }, context) => ({ loss: network.loss(images, labels, context.random) }),
    });
    if (status === 'stopped') signal?.throwIfAborted();
    return network;
  } catch (error) {
    network.dispose();
    throw error;
  }
}

/**
 * Returns the network of a seed. It is trained on first use and cached in `runs/vae-verification`, unless the data are
 * the user's own.
 * @throws UserError if the cached file is damaged
 */
export async function verificationNetwork(
  digits: Digits,
  training: VerificationTraining,
  isOwnData: boolean,
  print: (line: string) => void,
): Promise<VerificationNetwork> {
  const name = `epochs-${training.epochs}-seed-${training.seed}.safetensors`;
  const path = join(findWorkspaceRoot(), 'runs', 'vae-verification', name);
  if (!isOwnData && existsSync(path)) {
    const network = new VerificationNetwork(RandomStream.fromSeed(training.seed));
    const weights = await readWeights(path);
    try {
      network.loadStateDict(weights);
      return network;
    } catch (error) {
      network.dispose();
      throw new UserError(`${path}: ${(error as Error).message}; remove the file to train the network again`);
    } finally {
      tf.dispose(weights);
    }
  }
  print(`training the verification network, ${training.epochs} epochs`);
  const network = await trainVerification(digits, training);
  if (!isOwnData) {
    const state = network.stateDict();
    await mkdir(dirname(path), { recursive: true });
    await writeFileAtomically(path, await encodeTensors(state));
    tf.dispose(state);
  }
  return network;
}
