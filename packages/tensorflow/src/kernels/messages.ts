import { TensorFlowError } from '../c-api/status.ts';

/**
 * Messages in which TensorFlow differs from tfjs-core, which fixes those of its sparse and ragged kernels
 * (`backend_util.getSparse…ErrorMessage`). All others are TensorFlow's without the operation's name.
 */
const TRANSLATIONS: readonly (readonly [RegExp, string])[] = [
  [/^Ragged splits must be sorted$/, 'Ragged splits must be sorted in ascending order'],
  [/'segment_ids' input/, 'segmentIds input'],
  [/^(indices\(\d+, 0\) is invalid: -\d+) >= \d+$/, '$1 < 0'],
];

/** Runs a kernel and gives its errors tfjs-core's messages. TensorFlow's error is their cause. */
export function withTfjsMessages<T>(kernel: () => T): T {
  try {
    return kernel();
  } catch (error) {
    if (!(error instanceof TensorFlowError)) throw error;
    const words = error.message.replace(`${error.operation ?? ''}: `, '');
    const message = TRANSLATIONS.reduce((text, [pattern, replacement]) => text.replace(pattern, replacement), words);
    throw new Error(message, { cause: error });
  }
}
