import { type DatasetBatches, type LossTerms, meanTerms, type StepCompiler } from '@motley/core';
import { yieldToEventLoop, type EvaluationLimits } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { Alphabet, PADDING } from './alphabet.ts';
import type { LasSpeechConfig } from './config.ts';
import { evaluationBatches, type SpeechBatch } from './data.ts';
import { errorRates, errorRatesByGroup, type ErrorRates, type Transcription } from './error-rates.ts';
import { listeningLoss, spellingLoss, symbolCount } from './loss.ts';
import type { ListenAttendSpell } from './model.ts';
import { Recognizer } from './predict.ts';
import type { SoundChange, SpeechField } from './stream.ts';
import { TranscriptSearch } from './transcript-search.ts';
import { openPart, type SpeechPart } from './utterances.ts';

/** Settings that decide how a model hears. */
type HearingConfig = Pick<LasSpeechConfig, 'data' | 'features' | 'decoding'>;

/** Transcriptions of test sets, by name, each in its part's order. */
export type TranscribedParts = Readonly<Record<string, readonly Transcription[]>>;

/**
 * Losses in nats per symbol with the transcript told, and how the attention moves, on utterances that the model was not
 * trained on.
 */
export function heldOutLosses(
  model: ListenAttendSpell,
  batches: DatasetBatches<SpeechField>,
  limits?: EvaluationLimits,
): Promise<Record<string, number>> {
  const weightOf = ({ transcripts }: SpeechBatch): tf.Tensor => symbolCount(transcripts);
  return meanTerms(batches, (batch) => terms(model, batch), { ...limits, weightOf });
}

function terms(model: ListenAttendSpell, { frames, lengths, transcripts }: SpeechBatch): LossTerms {
  const heard = model.listen(frames, lengths);
  const ctc = model.ctc && listeningLoss(model.ctc.forward(heard.values), heard, transcripts);
  if (model.speller === undefined) return { loss: ctc! };
  const memory = model.speller.attention.remember(heard.values, heard.lengths);
  const { logits, weights } = model.speller.forward(memory, transcripts);
  const { loss, accuracy } = spellingLoss(logits, transcripts, 0);
  return { loss, accuracy: accuracy!, ...(ctc && { ctc }), monotonicity: monotonicity(weights, transcripts) };
}

/**
 * Share of symbols whose attention lies on average no earlier than that of the symbol before: 1 where the speller reads
 * from left to right. 0 where no transcript has a second symbol.
 * @param weights [B, L, U]
 * @param transcripts int32 [B, L]
 */
export function monotonicity(weights: tf.Tensor, transcripts: tf.Tensor): tf.Tensor {
  const [, length, steps] = weights.shape as [number, number, number];
  const centers = tf.sum(tf.mul(weights, tf.range(0, steps)), 2); // [B, L]
  const after = (tensor: tf.Tensor): tf.Tensor => tf.slice(tensor, [0, 1], [-1, length - 1]);
  const moves = tf.greaterEqual(tf.sub(after(centers), tf.slice(centers, [0, 0], [-1, length - 1])), -0.5);
  const counts = tf.cast(tf.notEqual(after(transcripts), PADDING), 'float32');
  return tf.div(tf.sum(tf.mul(tf.cast(moves, 'float32'), counts)), tf.maximum(tf.sum(counts), 1));
}

/** Transcribes utterances by a search that is compiled once for all parts. The caller disposes of it. */
export class Transcriber {
  readonly #config: HearingConfig;
  readonly #search: TranscriptSearch;

  constructor(model: ListenAttendSpell, config: HearingConfig, compile?: StepCompiler) {
    this.#config = config;
    this.#search = new TranscriptSearch(model, config.decoding, compile);
  }

  /**
   * Transcribes the utterances of a part, in the part's order.
   * @param change changes the sounds before they are heard
   */
  async transcribe(part: SpeechPart, change?: SoundChange): Promise<Transcription[]> {
    const { data, features } = this.#config;
    const utterances = openPart(part, features);
    const alphabet = Alphabet.of(data.language);
    const output: Transcription[] = [];
    for await (const { frames, lengths, transcripts, places } of evaluationBatches(this.#config, part, change).batches(
      0,
    )) {
      const best = this.#search.best({ frames, lengths });
      const [rows, at] = await Promise.all([best.symbols.array() as Promise<number[][]>, places.data()]);
      tf.dispose([{ ...best }, frames, lengths, transcripts, places]);
      for (const [row, place] of at.entries())
        output[place] = {
          reference: utterances.text(place),
          hypothesis: alphabet.text(rows[row]!),
          kind: utterances.kind(place),
        };
      await yieldToEventLoop();
    }
    return output;
  }

  dispose(): void {
    this.#search.dispose();
  }
}

/** Transcribes each test set. */
export async function transcribeParts(
  model: ListenAttendSpell,
  config: HearingConfig,
  parts: Readonly<Record<string, SpeechPart>>,
  compile?: StepCompiler,
): Promise<TranscribedParts> {
  const transcriber = new Transcriber(model, config, compile);
  try {
    const transcribed: Record<string, Transcription[]> = {};
    for (const [name, part] of Object.entries(parts)) transcribed[name] = await transcriber.transcribe(part);
    const { long } = parts;
    if (long !== undefined) transcribed.longInPieces = await transcribeInPieces(model, config, long, compile);
    return transcribed;
  } finally {
    transcriber.dispose();
  }
}

/** Transcribes sounds as `predict` does: in pieces of about the length that the training heard. */
async function transcribeInPieces(
  model: ListenAttendSpell,
  { data, features, decoding }: HearingConfig,
  part: SpeechPart,
  compile?: StepCompiler,
): Promise<Transcription[]> {
  const utterances = openPart(part, features);
  const places = Array.from({ length: utterances.count }, (_, place) => place);
  const sounds = places.flatMap((place) => utterances.samples(place) ?? []);
  const recognizer = new Recognizer(model, { alphabet: Alphabet.of(data.language), features, decoding, compile });
  try {
    const heard = await recognizer.transcribeAll(sounds, (place) => utterances.id(place));
    return heard.map(({ text }, place) => ({ reference: utterances.text(place), hypothesis: text }));
  } finally {
    recognizer.dispose();
  }
}

/** Error rates by the kind of the transcript. Empty where a part has one kind or none. */
export function errorRatesByKind(transcriptions: readonly Transcription[]): ReadonlyMap<string, ErrorRates> {
  const known = transcriptions.filter(({ kind }) => kind !== undefined);
  const rates = errorRatesByGroup(known, ({ kind }) => kind!);
  return rates.size > 1 ? rates : new Map();
}

/** Metrics of each test set, with the ends of their intervals, and its error rates by the kind of the transcript. */
export function metricsOfParts(
  parts: TranscribedParts,
  print?: (line: string) => void,
): Record<string, Record<string, number>> {
  const metrics: Record<string, Record<string, number>> = {};
  for (const [name, transcriptions] of Object.entries(parts)) {
    const rates = errorRates(transcriptions);
    const byKind = errorRatesByKind(transcriptions);
    metrics[name] = {
      ...metricsOf(rates),
      ...Object.fromEntries(
        [...byKind].map(([kind, each]) => [`${kind}CharacterErrorRate`, each.characterErrorRate.value]),
      ),
    };
    print?.(`${name}: ${describeRates(rates)}`);
    for (const [kind, each] of byKind) print?.(`  ${kind}: ${describeRates(each)}`);
  }
  return metrics;
}

export function metricsOf(rates: ErrorRates): Record<string, number> {
  const { characterErrorRate, wordErrorRate, meanDistance } = rates;
  return {
    characterErrorRate: characterErrorRate.value,
    characterErrorRateLow: characterErrorRate.low,
    characterErrorRateHigh: characterErrorRate.high,
    wordErrorRate: wordErrorRate.value,
    wordErrorRateLow: wordErrorRate.low,
    wordErrorRateHigh: wordErrorRate.high,
    meanDistance: meanDistance.value,
    utterances: rates.utterances,
  };
}

function describeRates({ characterErrorRate, wordErrorRate, meanDistance, utterances }: ErrorRates): string {
  const percent = (value: number): string => (100 * value).toFixed(2);
  const [letters, words] = [characterErrorRate, wordErrorRate].map(
    ({ value, low, high }) => `${percent(value)} % (${percent(low)} to ${percent(high)})`,
  );
  return `letters ${letters!}, words ${words!}, mean distance ${meanDistance.value.toFixed(2)}, ${utterances} utterances`;
}
