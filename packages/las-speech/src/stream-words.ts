import { SAMPLE_RATE_IN_HZ } from './sample-rate.ts';
import { speechPieces, trailingSilenceInSeconds } from './speech-pieces.ts';

/** New sound before the next hypothesis: at least this long, and this share of what is open, so that work is bounded. */
const LEAST_NEWS_IN_SECONDS = 0.5;
const NEWS_SHARE = 0.15;
/** Share of the longest sound at which one without a pause is cut: it grows before the next hypothesis. */
const CUT_SHARE = 0.75;
/** A pause that ends a piece. */
const PAUSE_IN_SECONDS = 0.6;
/** Sound kept where nobody has spoken yet, so that a word's beginning is not lost. */
const KEPT_SILENCE_IN_SECONDS = 0.3;

export interface StreamOptions {
  /** Longest sound that is recognized at once. */
  readonly longestInSeconds: number;
}

/**
 * Words of a sound that is still going on. The listener reads sound in both directions, so the open piece is recognized anew
 * as it grows. Words are sure when two successive hypotheses agree on all of them up to there, without the last word
 * (local agreement, Liu et al., 2020, "Low-latency sequence-to-sequence speech recognition"). A piece ends at a pause, or
 * is cut where it becomes too long.
 * @param chunks samples in succession, 16 kHz
 * @param recognize text of a whole sound
 * @returns words, each but the first after a space
 */
export async function* streamWords(
  chunks: AsyncIterable<Float32Array>,
  recognize: (samples: Float32Array) => Promise<string>,
  { longestInSeconds }: StreamOptions,
): AsyncGenerator<string> {
  const open = new SampleBuffer();
  const agreement = new Agreement();
  let news = 0;
  let isFirst = true;
  const shown = function* (words: readonly string[]): Generator<string> {
    for (const word of words) {
      yield isFirst ? word : ` ${word}`;
      isFirst = false;
    }
  };
  for await (const chunk of chunks)
    // A long chunk has several hypotheses, as if it had come in parts.
    for (let first = 0; first < chunk.length; first += SAMPLE_RATE_IN_HZ / 2) {
      const part = chunk.subarray(first, first + SAMPLE_RATE_IN_HZ / 2);
      open.push(part);
      news += part.length;
      if (news < Math.max(LEAST_NEWS_IN_SECONDS * SAMPLE_RATE_IN_HZ, NEWS_SHARE * open.size)) continue;
      news = 0;
      const pieces = speechPieces(open.samples, CUT_SHARE * longestInSeconds);
      if (pieces.length === 0) {
        open.keepLast(KEPT_SILENCE_IN_SECONDS * SAMPLE_RATE_IN_HZ);
        continue;
      }
      const hasPause = trailingSilenceInSeconds(open.samples) >= PAUSE_IN_SECONDS;
      const end = hasPause ? pieces.at(-1)!.end : pieces.at(-2)?.end;
      if (end === undefined) {
        open.keepLast(open.size - pieces[0]!.first);
        yield* shown(agreement.add(wordsOf(await recognize(open.samples.slice()))));
      } else {
        const words = wordsOf(await recognize(open.samples.slice(0, end)));
        yield* shown(hasPause ? agreement.end(words) : agreement.cut(words));
        open.keepLast(open.size - end);
      }
    }
  if (speechPieces(open.samples, longestInSeconds).length > 0)
    yield* shown(agreement.end(wordsOf(await recognize(open.samples.slice()))));
}

/** Which words of successive hypotheses are sure. */
export class Agreement {
  #last: readonly string[] = [];
  #count = 0;

  /** Words that this hypothesis makes sure, beyond those before. */
  add(words: readonly string[]): readonly string[] {
    let agreed = 0;
    while (agreed < words.length - 1 && agreed < this.#last.length && words[agreed] === this.#last[agreed]) agreed++;
    this.#last = words;
    return this.#beyond(words, agreed);
  }

  /** The other words of a piece's last hypothesis. Another piece begins. */
  end(words: readonly string[]): readonly string[] {
    const rest = this.#beyond(words, words.length);
    this.#last = [];
    this.#count = 0;
    return rest;
  }

  /** The same where the next piece has what comes after the cut, words that were sure already included. */
  cut(words: readonly string[]): readonly string[] {
    const early = Math.max(0, this.#count - words.length);
    const rest = this.end(words);
    this.#count = early;
    return rest;
  }

  #beyond(words: readonly string[], end: number): readonly string[] {
    const sure = words.slice(this.#count, end);
    this.#count = Math.max(this.#count, end);
    return sure;
  }
}

function wordsOf(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}

/** Samples that come in chunks and leave from the front. */
class SampleBuffer {
  #values = new Float32Array(SAMPLE_RATE_IN_HZ);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** A view, valid until the next change. */
  get samples(): Float32Array {
    return this.#values.subarray(0, this.#size);
  }

  push(chunk: Float32Array): void {
    if (this.#size + chunk.length > this.#values.length) {
      const larger = new Float32Array(2 * (this.#size + chunk.length));
      larger.set(this.samples);
      this.#values = larger;
    }
    this.#values.set(chunk, this.#size);
    this.#size += chunk.length;
  }

  keepLast(count: number): void {
    const kept = Math.min(count, this.#size);
    this.#values.copyWithin(0, this.#size - kept, this.#size);
    this.#size = kept;
  }
}
