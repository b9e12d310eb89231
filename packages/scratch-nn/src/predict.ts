import { largest } from '@motley/run';
import type { NdArray } from './array.ts';
import type { Network } from './model.ts';
import { CLASSES } from './shapes.ts';

export interface Prediction {
  readonly className: (typeof CLASSES)[number];
  /** In the order of `CLASSES`. Probabilities where the network ends in a softmax. */
  readonly outputs: readonly number[];
}

/** Classifies pictures. @param images [N, H, W, 1], as large as the training pictures */
export function predict(network: Network, images: NdArray): Prediction[] {
  const { values } = network.predict(images); // [N, K]
  return Array.from({ length: images.shape[0]! }, (_, index) => {
    const outputs = [...values.subarray(index * CLASSES.length, (index + 1) * CLASSES.length)];
    return { className: CLASSES[outputs.indexOf(largest(outputs))]!, outputs };
  });
}
