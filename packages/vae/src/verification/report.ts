import type { TensorRunContext } from '@motley/core';
import { loadMnist } from '@motley/core/node';
import type { MetricTable } from '@motley/run/node';
import type { Digits } from '../data.ts';
import type { Vae } from '../model.ts';
import { verificationNetwork } from './train.ts';
import { verify, verifyRealImages, type VerifyOptions } from './verify.ts';

const EPOCHS = 20;
/** Seed of the network. All models are scored by the same one. */
const SEED = 0;

export interface VerifiedModel extends Pick<TensorRunContext, 'compile'> {
  readonly model: Vae;
  readonly test: Digits;
  /** Folder of the user's own data, if given. */
  readonly dataPath: string | undefined;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Scores a model with the verification network, and the test images themselves as a baseline. */
export async function verificationReport(
  { model, test, dataPath, signal, compile, print }: VerifiedModel,
  options: VerifyOptions,
): Promise<{ readonly metrics: MetricTable; readonly baselines: MetricTable }> {
  const digits = await loadMnist('train', dataPath);
  const training = { epochs: EPOCHS, seed: SEED, signal, compile };
  const network = await verificationNetwork(digits, training, dataPath !== undefined, print);
  try {
    const metrics = await verify(network, model, test, options);
    const realImages = await verifyRealImages(network, test, model.imageChannels, options);
    return { metrics, baselines: { realImages } };
  } finally {
    network.dispose();
  }
}
