import { type TensorTree, whileLoop } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { PADDING } from '../masks.ts';
import type { DecoderState, KeysAndValues, Memory, Transformer } from '../model.ts';

/** Ids of the begin and end symbols. */
export interface Frame {
  readonly begin: number;
  readonly end: number;
}

export interface BeamSearchOptions extends Frame {
  /** Candidates kept; 1 is greedy decoding. */
  readonly beam: number;
  /** Maximum length in symbols, end symbol included. */
  readonly maxLength: number;
  /** Exponent α: the log-probability is divided by ((5 + length) / 6)^α (Wu et al., 2016, equation 14). */
  readonly lengthPenalty: number;
}

export interface Translations {
  /** int32 [B, beam, maxLength], best first; padding follows the end symbol. */
  readonly symbols: tf.Tensor;
  /** Log-probability divided by the length penalty, float32 [B, beam]. */
  readonly scores: tf.Tensor;
}

const IMPOSSIBLE = -1e30;

/** Loop state of the search; one row for each of K candidates of each of B sentences. */
interface Search extends Readonly<Record<string, TensorTree>> {
  readonly position: tf.Tensor; // int32 []
  readonly last: tf.Tensor; // int32 [B K]
  readonly symbols: tf.Tensor; // int32 [B K, L]
  readonly logProbability: tf.Tensor; // [B K]
  readonly isFinished: tf.Tensor; // bool [B K]
  readonly lengths: tf.Tensor; // int32 [B K]
  readonly caches: readonly KeysAndValues[];
}

/**
 * Beam search with cached keys and values for `source`, int32 [B, S]. It is a single loop, which a compiled function runs
 * without returning to JavaScript.
 */
export function beamSearch(model: Transformer, source: tf.Tensor, options: BeamSearchOptions): Translations {
  const { beam, maxLength, begin, end, lengthPenalty } = options;
  const batchSize = source.shape[0];
  const rows = batchSize * beam;
  const { vocabulary } = model.config;
  const memories = model.encode(source).map((memory) => repeated(memory, beam));
  const { caches, output } = model.begin(rows, maxLength, memories);
  const initial: Search = {
    position: tf.scalar(0, 'int32'),
    last: tf.fill([rows], begin, 'int32'),
    symbols: tf.fill([rows, maxLength], PADDING, 'int32'),
    // Candidates start out equal, so only the first may be extended.
    logProbability: tf.reshape(tf.tile(firstOf(beam), [batchSize]), [rows]),
    isFinished: tf.zeros([rows], 'bool'),
    lengths: tf.zeros([rows], 'int32'),
    caches,
  };
  const isUnfinished = ({ position, isFinished }: Search): tf.Tensor =>
    tf.logicalAnd(tf.less(position, tf.scalar(maxLength, 'int32')), tf.logicalNot(tf.all(isFinished)));

  const advance = (search: Search): Search => {
    const state: DecoderState = { caches: search.caches, memories, output };
    const { logits, state: grown } = model.step(search.last, search.position, state);
    // Finished candidates continue with padding, whose log-probability is 0.
    const steps = tf.where(tf.expandDims(search.isFinished, 1), onlyPadding(vocabulary), tf.logSoftmax(logits));
    const sums = tf.add(tf.expandDims(search.logProbability, 1), steps); // [B K, V]
    const nextLengths = tf.add(search.lengths, tf.cast(tf.logicalNot(search.isFinished), 'int32'));
    const ranks = tf.div(sums, tf.expandDims(penalty(nextLengths, lengthPenalty), 1));
    const best = tf.topk(tf.reshape(ranks, [batchSize, beam * vocabulary]), beam).indices; // [B, K]
    const flat = tf.reshape(best, [rows]);
    const candidate = tf.floorDiv(flat, tf.scalar(vocabulary, 'int32'));
    const parents = tf.add(candidate, firstRows(batchSize, beam)); // [B K]
    const symbol = tf.sub(flat, tf.mul(candidate, tf.scalar(vocabulary, 'int32')));
    const wasFinished = gatherFlags(search.isFinished, parents);
    const isHere = tf.equal(tf.range(0, maxLength, 1, 'int32'), search.position); // [L]
    return {
      position: tf.add(search.position, tf.scalar(1, 'int32')),
      last: symbol,
      symbols: tf.where(isHere, tf.expandDims(symbol, 1), tf.gather(search.symbols, parents)),
      logProbability: tf.gather(
        tf.reshape(sums, [-1]),
        tf.add(tf.mul(parents, tf.scalar(vocabulary, 'int32')), symbol),
      ),
      isFinished: tf.logicalOr(wasFinished, tf.equal(symbol, tf.scalar(end, 'int32'))),
      lengths: tf.gather(nextLengths, parents),
      caches:
        beam === 1
          ? grown.caches
          : grown.caches.map(({ keys, values }) => ({
              keys: tf.gather(keys, parents),
              values: tf.gather(values, parents),
            })),
    };
  };
  const { symbols, logProbability, lengths } = whileLoop(isUnfinished, advance, initial);
  return {
    symbols: tf.reshape(symbols, [batchSize, beam, maxLength]),
    scores: tf.reshape(tf.div(logProbability, penalty(lengths, lengthPenalty)), [batchSize, beam]),
  };
}

/** Length penalty ((5 + length) / 6)^exponent: [R] → [R] */
function penalty(lengths: tf.Tensor, exponent: number): tf.Tensor {
  return tf.pow(tf.div(tf.add(tf.cast(lengths, 'float32'), 5), 6), exponent);
}

function firstOf(beam: number): tf.Tensor {
  return tf.tensor1d(Array.from({ length: beam }, (_, index) => (index === 0 ? 0 : IMPOSSIBLE)));
}

/** Index of the first row of each candidate's sentence: int32 [B K]. */
function firstRows(batchSize: number, beam: number): tf.Tensor {
  return tf.tensor1d(
    Array.from({ length: batchSize * beam }, (_, row) => row - (row % beam)),
    'int32',
  );
}

/** Log-probabilities that allow only padding: float32 [V]. */
function onlyPadding(vocabulary: number): tf.Tensor {
  return tf.tensor1d(Array.from({ length: vocabulary }, (_, symbol) => (symbol === PADDING ? 0 : IMPOSSIBLE)));
}

/** Gathers booleans as integers, as some backends do not gather booleans. */
function gatherFlags(flags: tf.Tensor, rows: tf.Tensor): tf.Tensor {
  return tf.cast(tf.gather(tf.cast(flags, 'int32'), rows), 'bool');
}

/** Repeats each sentence's memory for its candidates. */
function repeated({ keys, values, mask }: Memory, beam: number): Memory {
  if (beam === 1) return { keys, values, mask };
  const batchSize = keys.shape[0];
  const sentence = tf.tensor1d(
    Array.from({ length: batchSize * beam }, (_, row) => Math.floor(row / beam)),
    'int32',
  );
  return { keys: tf.gather(keys, sentence), values: tf.gather(values, sentence), mask: gatherFlags(mask, sentence) };
}
