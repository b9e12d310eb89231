import { ArrayBatches, RandomStream } from '@motley/core';
import { MarkovChain } from '@motley/core/generators';
import { UserError, type BatchSource } from '@motley/run';
import type * as tf from '@tensorflow/tfjs-core';
import type { MarkovConfig } from './config.ts';

/** Consecutive windows of `window + 1` symbols of a sequence. */
export interface SymbolWindows {
  /** [N (T + 1)]: the sequence itself. */
  readonly series: Int32Array;
  /** [N, T] */
  readonly symbols: Int32Array;
  /** [N, T]: the symbol after each. */
  readonly next: Int32Array;
  /** T */
  readonly window: number;
}

/** A chain with a delay, and an independent sequence of it for each part. */
export interface SymbolData {
  readonly chain: MarkovChain;
  readonly training: SymbolWindows;
  readonly validation: SymbolWindows;
  readonly test: SymbolWindows;
}

/** The chain of a configuration. */
export function chainOf({ states, delay, sharpness, seed }: MarkovConfig['data']): MarkovChain {
  return MarkovChain.random(states, RandomStream.fromSeed(seed).fork('chain'), { delay, sharpness });
}

/**
 * Draws a chain and its sequences.
 * @throws UserError where a window is not longer than the delay, or a part has no window
 */
export function generateSymbols({ data, model }: Pick<MarkovConfig, 'data' | 'model'>): SymbolData {
  const { delay, length, validationShare, testShare } = data;
  const { window } = model;
  if (window <= delay)
    throw new UserError(`model.window: expected more than the delay of ${delay} steps (data.delay), got ${window}`);
  const random = RandomStream.fromSeed(data.seed);
  const chain = chainOf(data);
  const draw = (name: string, share: number): SymbolWindows => {
    const count = Math.floor((length * share) / (window + 1));
    if (count < 1)
      throw new UserError(
        `data.length: expected at least a window of ${window} steps in the ${name} part (${share.toFixed(2)} of the series), got ${length}`,
      );
    return cutWindows(chain.draw(random.fork(name), count * (window + 1)), window);
  };
  return {
    chain,
    training: draw('training', 1 - validationShare - testShare),
    validation: draw('validation', validationShare),
    test: draw('test', testShare),
  };
}

function cutWindows(series: Int32Array, window: number): SymbolWindows {
  const count = series.length / (window + 1);
  const symbols = new Int32Array(count * window);
  const next = new Int32Array(count * window);
  for (let index = 0; index < count; index++) {
    const first = index * (window + 1);
    symbols.set(series.subarray(first, first + window), index * window);
    next.set(series.subarray(first + 1, first + 1 + window), index * window);
  }
  return { series, symbols, next, window };
}

/**
 * Batches of windows: `symbols` and `next`, int32 [B, T].
 * @param random shuffles every epoch; without it the windows keep their order
 */
export function symbolBatches(
  { symbols, next, window }: SymbolWindows,
  batchSize: number,
  random?: RandomStream,
): BatchSource<Readonly<Record<'symbols' | 'next', tf.Tensor>>> {
  const shape = [window];
  // A training has whole batches, so that its compiled step has one shape.
  const dropLast = random !== undefined && symbols.length / window >= batchSize;
  return new ArrayBatches(
    { symbols: { values: symbols, shape }, next: { values: next, shape } },
    { batchSize, dropLast, ...(random && { random }) },
  );
}
