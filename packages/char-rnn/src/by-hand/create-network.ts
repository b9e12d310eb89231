import { RandomNumbers } from '@motley/run';
import type { ByHandConfig } from './config.ts';
import { RecurrentNetwork } from './model.ts';

/** Untrained network for a vocabulary, with the initial weights of its seed. */
export function createNetwork({ model, training }: ByHandConfig, vocabularySize: number): RecurrentNetwork {
  const window = { streams: training.batchSize, steps: training.sequenceLength };
  const network = new RecurrentNetwork({ ...model, vocabularySize }, window);
  network.initialize(RandomNumbers.fromSeed(training.seed).fork('weights'));
  return network;
}
