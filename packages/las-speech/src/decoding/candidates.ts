import * as tf from '@tensorflow/tfjs-core';
import { PADDING } from '../alphabet.ts';
import { flatPlaces, gathered, isPossible, repeatedRows } from './rows.ts';

/** Transcripts of a search, K for each of B sentences: B K rows. */
export interface Candidates extends Readonly<Record<string, tf.Tensor>> {
  readonly symbols: tf.Tensor; // int32 [B K, L]
  readonly scores: tf.Tensor; // [B K]
  /** Log-probabilities of the first scorer alone. */
  readonly logProbabilities: tf.Tensor; // [B K]
}

/** Candidates without a symbol. */
export function noCandidates(scores: tf.Tensor, length: number): Candidates {
  return {
    symbols: tf.fill([scores.size, length], PADDING, 'int32'),
    scores,
    logProbabilities: tf.zerosLike(scores),
  };
}

/** Number of symbols of each candidate, float32 [B K]. */
export function symbolCounts({ symbols }: Candidates): tf.Tensor {
  return tf.sum(tf.cast(tf.notEqual(symbols, tf.scalar(PADDING, 'int32')), 'float32'), 1);
}

/** Rows [B K, …] of the sentences in `isFrozen`, bool [B], as they were before; of others as they are after. */
export function unlessFrozen<Rows extends Readonly<Record<string, tf.Tensor>>>(
  isFrozen: tf.Tensor,
  before: Rows,
  after: Rows,
  beam: number,
): Rows {
  const flags = tf.cast(repeatedRows(tf.cast(isFrozen, 'int32'), beam), 'bool'); // [B K]
  const either = (old: tf.Tensor, next: tf.Tensor) =>
    tf.where(old.rank === 1 ? flags : tf.expandDims(flags, 1), old, next);
  return Object.fromEntries(Object.entries(before).map(([name, old]) => [name, either(old, after[name]!)])) as Rows;
}

/** The K best of 2 K candidates of each sentence, best first. */
export function bestOf(a: Candidates, b: Candidates, batch: number): Candidates {
  const beam = a.scores.size / batch;
  const scores = tf.concat(
    [a.scores, b.scores].map((each) => tf.reshape(each, [batch, beam])),
    1,
  ); // [B, 2 K]
  return chosen(a, b, tf.topk(scores, beam).indices);
}

/** The possible candidates of `first`, best first, then those of `second`, K in all. */
export function inSuccession(first: Candidates, second: Candidates, batch: number): Candidates {
  const beam = first.scores.size / batch;
  const count = tf.sum(tf.cast(tf.reshape(isPossible(first.scores), [batch, beam]), 'int32'), 1, true); // [B, 1]
  const places = tf.tile(tf.expandDims(tf.range(0, beam, 1, 'int32'), 0), [batch, 1]); // [B, K]
  const ofSecond = tf.add(tf.sub(places, count), tf.scalar(beam, 'int32'));
  return chosen(first, second, tf.where(tf.less(places, count), places, ofSecond));
}

/** @param places int32 [B, K], below K in `a`, from K in `b` */
function chosen(a: Candidates, b: Candidates, places: tf.Tensor): Candidates {
  const [batch, beam] = places.shape as [number, number];
  const both = (left: tf.Tensor, right: tf.Tensor): tf.Tensor => {
    const rest = left.shape.slice(1);
    const parts = [left, right].map((each) => tf.reshape(each, [batch, beam, ...rest]));
    return tf.reshape(tf.concat(parts, 1), [2 * batch * beam, ...rest]);
  };
  const all: Candidates = {
    symbols: both(a.symbols, b.symbols),
    scores: both(a.scores, b.scores),
    logProbabilities: both(a.logProbabilities, b.logProbabilities),
  };
  return gathered(all, flatPlaces(places, 2 * beam));
}
