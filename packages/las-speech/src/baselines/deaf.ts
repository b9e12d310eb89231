import { countEdits, distanceOf } from '../edit-distance.ts';
import { lettersOf } from '../error-rates.ts';

/** The sentence that comes most often, the first of several; the guess with the most utterances right. */
export function commonestSentence(sentences: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const sentence of sentences) counts.set(sentence, (counts.get(sentence) ?? 0) + 1);
  let [commonest, most] = ['', 0];
  for (const [sentence, count] of counts) if (count > most) [commonest, most] = [sentence, count];
  return commonest;
}

export interface CentralSentenceOptions {
  /** Sentences that may be the guess, the empty one beside them. Default 300 */
  readonly candidates?: number;
  /** Sentences that a guess is measured on. Default 300 */
  readonly sample?: number;
}

const CANDIDATES = 300;
const SAMPLE = 300;

/**
 * The sentence with the least mean distance to others, the empty one included: the guess of a deaf recognizer that wants
 * few wrong letters. Candidates and sample are spread evenly over the sentences.
 * @returns with its mean distance in letters to the sample
 */
export function centralSentence(
  sentences: readonly string[],
  { candidates = CANDIDATES, sample = SAMPLE }: CentralSentenceOptions = {},
): { sentence: string; meanDistance: number } {
  const guesses = new Set(['', ...spread(sentences, candidates)]);
  const heard = spread(sentences, sample).map((sentence) => lettersOf(sentence));
  let best = { sentence: '', meanDistance: Infinity };
  for (const sentence of guesses) {
    const letters = lettersOf(sentence);
    const edits = heard.reduce((sum, other) => sum + distanceOf(countEdits(other, letters)), 0);
    const meanDistance = edits / heard.length;
    if (meanDistance < best.meanDistance) best = { sentence, meanDistance };
  }
  return best;
}

/** At most `count` values, at even distances. */
function spread<Value>(values: readonly Value[], count: number): Value[] {
  const step = Math.max(1, values.length / count);
  return Array.from({ length: Math.min(count, values.length) }, (_, index) => values[Math.floor(index * step)]!);
}
