import { type TensorTree, whileLoop } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { BEGIN, END } from '../alphabet.ts';
import type { Heard, ListenAttendSpell } from '../model.ts';
import { bestOf, type Candidates, inSuccession, noCandidates, symbolCounts, unlessFrozen } from './candidates.ts';
import { flatPlaces, IMPOSSIBLE, isPossible } from './rows.ts';
import type { Scorer } from './scorer.ts';
import { scorersOf, type ScoringOptions } from './scorers.ts';

export interface BeamSearchOptions extends ScoringOptions {
  /** Symbols of a transcript for each step of the listener, the end included; longer ones are cut. */
  readonly symbolsPerStep: number;
  /** Added to the score for each symbol, γ. */
  readonly lengthBonus: number;
  /** Exponent α: log-probabilities are divided by ((5 + n) / 6)^α for n symbols (Wu et al., 2016, equation 14). */
  readonly lengthNormalization: number;
}

/** The K best transcripts of each of B sentences, best first, those that were cut last. */
export interface Transcripts {
  /** int32 [B, K, L]; padding follows the end */
  readonly symbols: tf.Tensor;
  /** [B, K] */
  readonly scores: tf.Tensor;
  /** Log-probabilities of the speller, or of CTC where there is none, [B, K]. */
  readonly logProbabilities: tf.Tensor;
}

/** Loop state; R = B K open candidates. */
interface Search extends Readonly<Record<string, TensorTree>> {
  readonly position: tf.Tensor; // int32 []
  readonly last: tf.Tensor; // int32 [R]
  /** Candidates without an end. Their scores are weighted sums of log-probabilities. */
  readonly open: Candidates;
  readonly bonus: tf.Tensor; // [R], of open candidates
  /** Candidates with an end, best first, with their final scores. */
  readonly ended: Candidates;
  /** Number of ends found in each sentence. */
  readonly endCounts: tf.Tensor; // int32 [B]
  readonly isDone: tf.Tensor; // bool [B]
  readonly states: readonly TensorTree[];
}

/**
 * Beam search for transcripts of what the listener heard. It is a single loop, which a compiled function runs without
 * returning to JavaScript. The score of a transcript y of n symbols is
 *
 *   score(y) = Σᵢ wᵢ log Pᵢ(y) / ((5 + n) / 6)^α + γ n + β coverage(y)
 *
 * Each round finds the 2 K best continuations. Ends among the first K of them leave the beam, and the K best letters stay.
 * A sentence is done when it has K ends, when no candidate can exceed its best, or at its greatest length. A beam of 1 is
 * greedy decoding.
 */
export function beamSearch(model: ListenAttendSpell, heard: Heard, options: BeamSearchOptions): Transcripts {
  const [batch, steps] = heard.values.shape as [number, number, number];
  const { beam, symbolsPerStep, coverageWeight } = options;
  const rows = batch * beam;
  const length = longestTranscript(steps, symbolsPerStep);
  const heardSteps = tf.cast(heard.lengths, 'float32'); // [B]
  const limits: Limits = {
    symbols: tf.ceil(tf.mul(heardSteps, symbolsPerStep)),
    bonus: tf.mul(heardSteps, coverageWeight),
  };
  const scorers = scorersOf(model, heard, options);
  const initial: Search = {
    position: tf.scalar(0, 'int32'),
    last: tf.fill([rows], BEGIN, 'int32'),
    // Candidates start out equal, so only the first may be continued.
    open: noCandidates(tf.reshape(tf.tile(firstOf(beam), [batch]), [rows]), length),
    bonus: tf.zeros([rows]),
    ended: noCandidates(tf.fill([rows], IMPOSSIBLE), length),
    endCounts: tf.zeros([batch], 'int32'),
    isDone: tf.lessEqual(limits.symbols, 0),
    states: scorers.map((scorer) => scorer.begin()),
  };
  const { open, bonus, ended } = whileLoop<Search>(
    ({ position, isDone }) =>
      tf.logicalAnd(tf.less(position, tf.scalar(length, 'int32')), tf.logicalNot(tf.all(isDone))),
    (search) => advanced(search, scorers, limits, options),
    initial,
  );
  const cut = { ...open, scores: tf.add(finalScores(open.scores, symbolCounts(open), options), bonus) };
  const { symbols, scores, logProbabilities } = inSuccession(ended, cut, batch);
  return {
    symbols: tf.reshape(symbols, [batch, beam, length]),
    scores: tf.reshape(scores, [batch, beam]),
    logProbabilities: tf.reshape(logProbabilities, [batch, beam]),
  };
}

/** Symbols of the longest transcript of U steps, the end included. */
function longestTranscript(steps: number, symbolsPerStep: number): number {
  return Math.max(1, Math.ceil(steps * symbolsPerStep));
}

/** Bounds of each sentence, [B]. */
interface Limits {
  /** Greatest number of symbols. */
  readonly symbols: tf.Tensor;
  /** Greatest bonus. */
  readonly bonus: tf.Tensor;
}

/** One more symbol for each open candidate. */
function advanced(search: Search, scorers: readonly Scorer[], limits: Limits, options: BeamSearchOptions): Search {
  const { beam } = options;
  const { position, open, ended, isDone } = search;
  const [rows, length] = open.symbols.shape as [number, number];
  const batch = rows / beam;
  const scored = scorers.map((scorer, index) => scorer.score(search.last, search.states[index]!));
  const ofFirst = scored[0]!.logProbabilities; // [R, V]
  const size = ofFirst.shape[1]!;
  const sums = scored.reduce(
    (sum, { logProbabilities }, index) => tf.add(sum, tf.mul(logProbabilities, scorers[index]!.weight)),
    tf.expandDims(open.scores, 1),
  ); // [R, V]
  const bonus = scored.reduce(
    (sum, each) => (each.bonus === undefined ? sum : tf.add(sum, each.bonus)),
    tf.zeros([rows]),
  );
  const ranks = tf.reshape(tf.add(sums, tf.expandDims(bonus, 1)), [batch, beam * size]);
  const best = tf.topk(ranks, 2 * beam); // [B, 2 K]
  const candidate = tf.floorDiv(best.indices, tf.scalar(size, 'int32')); // in its sentence
  const symbol = tf.sub(best.indices, tf.mul(candidate, tf.scalar(size, 'int32')));
  const isHere = tf.equal(tf.range(0, length, 1, 'int32'), position); // [L]

  /** Continuations at places [B, K] of the best. */
  const continuations = (places: tf.Tensor) => {
    const flat = flatPlaces(places, 2 * beam);
    const symbols = tf.gather(tf.reshape(symbol, [-1]), flat); // [R]
    const parents = flatPlaces(tf.reshape(tf.gather(tf.reshape(candidate, [-1]), flat), [batch, beam]), beam); // [R]
    const cells = tf.add(tf.mul(parents, tf.scalar(size, 'int32')), symbols);
    const candidates: Candidates = {
      symbols: tf.where(isHere, tf.expandDims(symbols, 1), tf.gather(open.symbols, parents)),
      scores: tf.gather(tf.reshape(sums, [-1]), cells),
      logProbabilities: tf.add(tf.gather(open.logProbabilities, parents), tf.gather(tf.reshape(ofFirst, [-1]), cells)),
    };
    return { candidates, parents, symbols, bonus: tf.gather(bonus, parents) };
  };

  const written = tf.add(tf.cast(position, 'float32'), 1);
  const isEnd = tf.equal(symbol, tf.scalar(END, 'int32')); // [B, 2 K]
  const isLeaving = tf.logicalAnd(
    tf.slice(tf.logicalAnd(isEnd, isPossible(best.values)), [0, 0], [batch, beam]),
    tf.expandDims(tf.logicalNot(isDone), 1),
  ); // [B, K]
  const leaving = continuations(tf.tile(tf.expandDims(tf.range(0, beam, 1, 'int32'), 0), [batch, 1]));
  const endScores = tf.add(finalScores(leaving.candidates.scores, written, options), leaving.bonus);
  const scores = tf.where(tf.reshape(isLeaving, [rows]), endScores, tf.fill([rows], IMPOSSIBLE));
  const nextEnded = bestOf(ended, { ...leaving.candidates, scores }, batch);
  const endCounts = tf.add(search.endCounts, tf.sum(tf.cast(isLeaving, 'int32'), 1));

  // Each of K candidates has one end, so at least K of the 2 K are letters.
  const staying = continuations(
    tf.topk(tf.where(isEnd, tf.fill(isEnd.shape, 2 * IMPOSSIBLE), best.values), beam).indices,
  );
  const { bonus: nextBonus, ...nextOpen } = unlessFrozen(
    isDone,
    { ...open, bonus: search.bonus },
    { ...staying.candidates, bonus: staying.bonus },
    beam,
  );
  const isFull = tf.greaterEqual(endCounts, tf.scalar(beam, 'int32'));
  const isCut = tf.greaterEqual(written, limits.symbols);
  const isSettled = tf.greaterEqual(
    firstScores(nextEnded.scores, batch),
    bound(firstScores(nextOpen.scores, batch), written, limits, options),
  );
  return {
    position: tf.add(position, tf.scalar(1, 'int32')),
    last: staying.symbols,
    open: nextOpen,
    bonus: nextBonus,
    ended: nextEnded,
    endCounts,
    isDone: [isFull, isCut, isSettled].reduce((a, b) => tf.logicalOr(a, b), isDone),
    states: scored.map((each) => each.follow(beam === 1 ? undefined : staying.parents, staying.symbols)),
  };
}

/** Sums of log-probabilities with length normalization and bonus, [N]. @param lengths [N] or [] */
function finalScores(
  sums: tf.Tensor,
  lengths: tf.Tensor,
  { lengthNormalization, lengthBonus }: BeamSearchOptions,
): tf.Tensor {
  const divisor = tf.pow(tf.div(tf.add(lengths, 5), 6), lengthNormalization);
  return tf.add(tf.div(sums, divisor), tf.mul(lengths, lengthBonus));
}

/** Bound on the final scores of all continuations of sums [B]: further log-probabilities are at most 0. */
function bound(sums: tf.Tensor, written: tf.Tensor, { symbols, bonus }: Limits, options: BeamSearchOptions): tf.Tensor {
  const { lengthBonus } = options;
  const normalized = finalScores(sums, symbols, { ...options, lengthBonus: 0 });
  return tf.add(tf.add(normalized, bonus), tf.mul(lengthBonus > 0 ? symbols : written, lengthBonus));
}

/** Scores of the first candidates, [B K] → [B]. */
function firstScores(scores: tf.Tensor, batch: number): tf.Tensor {
  return tf.reshape(tf.slice(tf.reshape(scores, [batch, -1]), [0, 0], [batch, 1]), [batch]);
}

function firstOf(beam: number): tf.Tensor {
  return tf.tensor1d(Array.from({ length: beam }, (_, index) => (index === 0 ? 0 : IMPOSSIBLE)));
}
