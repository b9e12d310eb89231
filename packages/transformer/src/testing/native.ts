import { chooseBackend } from '@motley/core/node';

/** Whether there is a TensorFlow library to train on. */
export const hasNative = await chooseBackend('tensorflow').then(
  () => true,
  () => false,
);
