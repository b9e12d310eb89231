import { loadData, RecurrentNetwork } from '@motley/char-rnn/by-hand';
import { RandomNumbers } from '@motley/run';

/** As in min-char-rnn. */
export const SEQUENCE_LENGTH = 25;
export const CLIP = 5;

/** Initial weights and text of a step, by its name: `RNN-100` has two layers of 100 units. */
export async function settingOf(step: string): Promise<{ network: RecurrentNetwork; text: Int32Array }> {
  const { training, vocabulary } = await loadData({ level: 'character', lines: null });
  const hiddenSize = Number(step.replace('RNN-', ''));
  const sizes = { vocabularySize: vocabulary.tokenizer.vocabularySize, hiddenSize, layers: 2 };
  const network = new RecurrentNetwork(sizes, { streams: 1, steps: SEQUENCE_LENGTH });
  network.initialize(RandomNumbers.fromSeed(1));
  return { network, text: training };
}
