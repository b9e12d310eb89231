import { SAMPLE_RATE_IN_HZ } from './sample-rate.ts';

/** Samples of a sound from `first` up to `end`, without `end`. */
export interface Piece {
  readonly first: number;
  readonly end: number;
}

/** Samples of which each level is measured, 10 ms. */
const HOP = SAMPLE_RATE_IN_HZ / 100;
/** The loudest moment of a sound without speech, in dB of full scale. */
const SILENCE_IN_DB = -65;
/** Levels below are the same silence, in dB of full scale. */
const FLOOR_IN_DB = -100;
/** Speech is at most this far below a sound's loudest moment. */
const RANGE_IN_DB = 45;
/** Noise is at most this far above a sound's softest moments, and at least that far below its loudest. */
const NOISE_IN_DB = 8;
const LEAST_CONTRAST_IN_DB = 25;
const SOFTEST_SHARE = 0.02;
/** Steady noise varies less; speech varies far more. */
const STEADY_IN_DB = 6;
const STEADY_HOPS = 50;
/** A pause that long parts two pieces, 0.6 s. */
const PAUSE_HOPS = 60;
/** Shorter sounds are clicks, 30 ms. */
const LEAST_SPEECH_HOPS = 3;
/** Silence kept at both ends of a piece, 100 ms: soft sounds may hide in it. Utterances of the training have 60 ms. */
const MARGIN_HOPS = 10;
/** Hops over which the softest moment is sought where a speaker makes no pause. */
const SMOOTHING_HOPS = 5;

/**
 * The parts of a sound that have speech, without the silence around them, in pieces of limited length. A sound is cut at its
 * long pauses; what is still too long is cut at the longest pause in its second half, or where it is softest.
 * @param samples 16 kHz, mono
 * @returns no piece where nobody speaks
 */
export function speechPieces(samples: Float32Array, longestInSeconds: number): Piece[] {
  const levels = levelsOf(samples);
  const threshold = thresholdOf(levels);
  if (threshold === undefined) return [];
  const isSpeech = Uint8Array.from(levels, (level) => Number(level > threshold));
  const longest = Math.max(4 * MARGIN_HOPS, Math.floor((longestInSeconds * SAMPLE_RATE_IN_HZ) / HOP) - 2 * MARGIN_HOPS);
  const spans = partsOf(isSpeech).flatMap((part) => limited(part, longest, isSpeech, levels));
  const pieces: Piece[] = [];
  for (const [index, { first, end }] of spans.entries()) {
    if (speechHops(isSpeech, first, end) < LEAST_SPEECH_HOPS) continue;
    const [before, after] = [spans[index - 1]?.end ?? 0, spans[index + 1]?.first ?? levels.length];
    pieces.push({
      first: HOP * Math.max(before, first - MARGIN_HOPS),
      end: Math.min(samples.length, HOP * Math.min(after, end + MARGIN_HOPS)),
    });
  }
  return pieces;
}

/** Hops at the end of a sound in which nobody speaks; all of them where nobody does. */
export function trailingSilenceInSeconds(samples: Float32Array): number {
  const levels = levelsOf(samples);
  const threshold = thresholdOf(levels) ?? Infinity;
  let end = levels.length;
  while (end > 0 && !(levels[end - 1]! > threshold)) end--;
  return ((levels.length - end) * HOP) / SAMPLE_RATE_IN_HZ;
}

/** Mean power of each hop in dB of full scale. */
function levelsOf(samples: Float32Array): Float32Array {
  const levels = new Float32Array(Math.ceil(samples.length / HOP));
  for (let hop = 0; hop < levels.length; hop++) {
    const end = Math.min(samples.length, (hop + 1) * HOP);
    let power = 0;
    for (let index = hop * HOP; index < end; index++) power += samples[index]! ** 2;
    levels[hop] = Math.max(FLOOR_IN_DB, 10 * Math.log10(power / (end - hop * HOP)));
  }
  return levels;
}

/** Level above which a hop is speech; undefined where there is none. */
function thresholdOf(levels: Float32Array): number | undefined {
  if (levels.length === 0) return undefined;
  const sorted = levels.toSorted();
  const [softest, peak] = [sorted[0]!, sorted.at(-1)!];
  if (peak < SILENCE_IN_DB || (levels.length >= STEADY_HOPS && peak - softest < STEADY_IN_DB)) return undefined;
  const floor = sorted[Math.floor(SOFTEST_SHARE * sorted.length)]!;
  return Math.max(peak - RANGE_IN_DB, Math.min(floor + NOISE_IN_DB, peak - LEAST_CONTRAST_IN_DB));
}

/** Parts between long pauses, in hops. */
function partsOf(isSpeech: Uint8Array): Piece[] {
  const parts: { first: number; end: number }[] = [];
  for (let hop = 0; hop < isSpeech.length; hop++) {
    if (isSpeech[hop] === 0) continue;
    const last = parts.at(-1);
    if (last !== undefined && hop - last.end < PAUSE_HOPS) last.end = hop + 1;
    else parts.push({ first: hop, end: hop + 1 });
  }
  return parts;
}

/** A part in pieces of at most `longest` hops. */
function limited({ first, end }: Piece, longest: number, isSpeech: Uint8Array, levels: Float32Array): Piece[] {
  const pieces: Piece[] = [];
  let start = first;
  while (end - start > longest) {
    const middle = start + Math.floor(longest / 2);
    const pause = longestPause(isSpeech, middle, start + longest) ?? softest(levels, middle, start + longest);
    pieces.push({ first: start, end: pause.first });
    start = pause.end;
  }
  return [...pieces, { first: start, end }];
}

function longestPause(isSpeech: Uint8Array, from: number, to: number): Piece | undefined {
  let best: Piece | undefined;
  let first = from;
  for (let hop = from; hop <= to; hop++) {
    if (hop < to && isSpeech[hop] === 0) continue;
    if (hop > first && hop - first > (best === undefined ? 0 : best.end - best.first)) best = { first, end: hop };
    first = hop + 1;
  }
  return best;
}

function softest(levels: Float32Array, from: number, to: number): Piece {
  let [place, least] = [to, Infinity];
  for (let hop = from; hop + SMOOTHING_HOPS <= to; hop++) {
    let sum = 0;
    for (let offset = 0; offset < SMOOTHING_HOPS; offset++) sum += levels[hop + offset]!;
    if (sum < least) [place, least] = [hop + (SMOOTHING_HOPS >> 1), sum];
  }
  return { first: place, end: place };
}

function speechHops(isSpeech: Uint8Array, first: number, end: number): number {
  let count = 0;
  for (let hop = first; hop < end; hop++) count += isSpeech[hop]!;
  return count;
}
