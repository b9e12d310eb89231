import { slice, squeeze, stack, type Tensor, tidy } from '@tensorflow/tfjs-core';
import { flatten, replaceTensors } from './structure.ts';

/**
 * Number of steps in stacked arguments: the size of their first axis.
 *
 * @throws RangeError where the sizes differ or exceed `stepsPerCall`
 */
export function countSteps(tensors: readonly Tensor[], stepsPerCall: number): number {
  const counts = new Set(tensors.map(({ shape }) => shape[0]));
  const [count] = counts;
  if (counts.size === 1 && count !== undefined && count >= 1 && count <= stepsPerCall) return count;
  const shapes = tensors.map(({ shape }) => `[${shape}]`).join(' ');
  throw new RangeError(
    `stepsPerCall ${stepsPerCall}: expected arguments with one first axis of 1 to ${stepsPerCall} steps, got ${shapes || 'no tensors'}`,
  );
}

/** Calls `body` with the arguments of the first step, and disposes them afterwards. */
export function withFirstStep<T>(stacked: readonly Tensor[], body: (parts: Tensor[]) => T): T {
  const parts = stacked.map((tensor) => part(tensor, 0));
  try {
    return body(parts);
  } finally {
    for (const each of parts) each.dispose();
  }
}

/** `stacked[index]`, along the first axis. */
function part(stacked: Tensor, index: number): Tensor {
  return tidy(() => squeeze(slice(stacked, [index], [1]), [0]));
}

/** Calls `fn` for each step in JavaScript, as the graph's loop would. */
export function loopInJavaScript<A extends unknown[], R>(
  fn: (...values: A) => R,
  values: A,
  tensors: readonly Tensor[],
  count: number,
): R {
  let result: R | undefined;
  tidy(() => {
    const rounds = Array.from({ length: count }, (_, index) => {
      const parts = tensors.map((tensor) => part(tensor, index));
      return fn(...replaceTensors(values, parts));
    });
    const results = rounds.map((returned) => flatten(returned, 'result').tensors);
    const stacked = results[0]!.map((_, position) => stack(results.map((each) => each[position]!)));
    result = replaceTensors(rounds[0]!, stacked);
    return stacked;
  });
  return result!;
}
