import type { StepCompiler } from '@motley/core';
import { addNoise, coloredNoise, type NoiseColor } from '@motley/core/audio';
import { type MetricRecord, RandomNumbers } from '@motley/run';
import { attentionOverTime, type Figure, learningCurve, type MetricTable } from '@motley/run/node';
import { attentionTo, rowLabels, soundOf } from './attended.ts';
import { attentionOverTraining, placeOfMedian } from './attention-history.ts';
import type { LasSpeechConfig } from './config.ts';
import type { Speech } from './data.ts';
import {
  type BaselineRates,
  confusionsFigure,
  errorByKindFigure,
  errorByLengthFigure,
  errorByNoiseFigure,
  errorRatesFigure,
  type NoisyTranscriptions,
  setName,
} from './error-figures.ts';
import type { Transcription } from './error-rates.ts';
import { Transcriber, type TranscribedParts } from './evaluate.ts';
import type { ListenAttendSpell } from './model.ts';
import { SAMPLE_RATE_IN_HZ } from './sample-rate.ts';
import { openPart, type SpeechPart } from './utterances.ts';

export interface FigureOptions {
  /** Transcriptions of the test sets. */
  readonly transcribed: TranscribedParts;
  /** Path of the run's folder, with the attention of its validations. */
  readonly runPath: string;
  readonly records: readonly MetricRecord[];
  readonly baselines: MetricTable;
  readonly compile?: StepCompiler | undefined;
}

/** Figures of a trained model, by file name. */
export async function drawFigures(
  model: ListenAttendSpell,
  config: LasSpeechConfig,
  { tests }: Speech,
  { transcribed, runPath, records, baselines, compile }: FigureOptions,
): Promise<Record<string, Figure>> {
  const history = await attentionOverTraining(runPath);
  const transcriber = new Transcriber(model, config, compile);
  const byKind = errorByKindFigure(transcribed);
  const noisy = await hearNoise(transcriber, tests, transcribed).finally(() => {
    transcriber.dispose();
  });
  return {
    ...(await attentionFigures(model, config, tests, transcribed)),
    ...(history && { 'attention-over-training': history }),
    'error-rates': errorRatesFigure(transcribed, baselineRates(baselines, Object.keys(transcribed))),
    'error-by-length': errorByLengthFigure(transcribed),
    ...(byKind && { 'error-by-kind': byKind }),
    ...(noisy && { 'error-by-noise': errorByNoiseFigure(noisy.clean, noisy.noisy) }),
    confusions: confusionsFigure(Object.values(transcribed).flat()),
    ...(records.some(({ metrics }) => 'characterErrorRate' in metrics) && {
      'character-error-rate': learningCurve(records, {
        title: 'Character error rate of greedy decoding',
        metric: 'characterErrorRate',
        yName: 'character error rate',
      }),
    }),
  };
}

/** Sets of which one utterance is drawn, where there are such. */
const ATTENDED_SETS = ['seenVoices', 'unseenVoices', 'long'] as const;
/** Letters of a line below a title. */
const LINE_LENGTH = 84;

/** Sound, attention and transcripts of an utterance of middle length of each set: `attention-1`, … */
async function attentionFigures(
  model: ListenAttendSpell,
  config: LasSpeechConfig,
  tests: Speech['tests'],
  transcribed: TranscribedParts,
): Promise<Record<string, Figure>> {
  const known = ATTENDED_SETS.filter((name) => name in tests);
  const figures: Record<string, Figure> = {};
  for (const name of known.length > 0 ? known : Object.keys(tests)) {
    const utterances = openPart(tests[name]!, config.features);
    const place = placeOfMedian(utterances);
    const { reference, hypothesis } = transcribed[name]![place]!;
    const attended = await attentionTo(model, config, utterances, place, hypothesis);
    if (attended === undefined) return {};
    figures[`attention-${Object.keys(figures).length + 1}`] = await attentionOverTime({
      title: `Attention to an utterance of the set “${setName(name)}”`,
      subtitle: [
        ...wrapped(`said: ${reference}`),
        ...wrapped(`heard: ${hypothesis}`),
        ...(name === 'test' ? [] : [`speaker: ${utterances.speaker(place)}`]),
      ].join('\n'),
      maps: [attended],
      symbols: rowLabels(hypothesis),
      symbolName: 'letter heard',
      stepInSeconds: attended.stepInSeconds,
      sound: await soundOf(utterances, place, config.features),
    });
  }
  return figures;
}

/** Lines of at most `LINE_LENGTH` letters, as far as words allow. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)!} ${word}`;
    if (lines.length > 0 && longer.length <= LINE_LENGTH) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

const NOISES: readonly NoiseColor[] = ['white', 'pink'];
const RATIOS_IN_DB: readonly number[] = [30, 20, 10, 5, 0];
/** Utterances that are heard with each kind and level of noise. */
const NOISY_UTTERANCES = 100;
const NOISE_SEED = 1;

interface HeardNoise {
  readonly clean: readonly Transcription[];
  readonly noisy: readonly NoisyTranscriptions[];
}

/** Hears utterances of the first set with noise of known levels. Undefined where the sound is not given. */
async function hearNoise(
  transcriber: Transcriber,
  tests: Speech['tests'],
  transcribed: TranscribedParts,
): Promise<HeardNoise | undefined> {
  const [name, part] = Object.entries(tests)[0] ?? [];
  if (name === undefined || part === undefined || !('corpus' in part)) return undefined;
  const places = spread(part.indices.length, NOISY_UTTERANCES);
  const few: SpeechPart = { ...part, indices: Int32Array.from(places, (place) => part.indices[place]!) };
  const noisy: NoisyTranscriptions[] = [];
  for (const color of NOISES)
    for (const snrInDb of RATIOS_IN_DB) {
      const transcriptions = await transcriber.transcribe(few, (samples, place) => {
        const random = RandomNumbers.fromSeed(NOISE_SEED).fork(color).fork(place);
        const noise = coloredNoise(color, samples.length, SAMPLE_RATE_IN_HZ, random);
        return addNoise(samples, SAMPLE_RATE_IN_HZ, noise, snrInDb);
      });
      noisy.push({ kind: `${color} noise`, snrInDb, transcriptions });
    }
  return { clean: places.map((place) => transcribed[name]![place]!), noisy };
}

/** At most `most` of `count` places, at even distances. */
function spread(count: number, most: number): number[] {
  const chosen = Math.min(count, most);
  return Array.from({ length: chosen }, (_, index) => Math.floor((index * count) / chosen));
}

/**
 * Character error rates of baselines. A row of the table has that of all sets, `centralSentence`, or that of one,
 * `centralSentence/unseenVoices`.
 */
function baselineRates(table: MetricTable, sets: readonly string[]): BaselineRates {
  const rates: Record<string, Record<string, number>> = {};
  for (const [row, { characterErrorRate }] of Object.entries(table)) {
    if (typeof characterErrorRate !== 'number') continue;
    const [predictor, set] = row.split('/') as [string, string?];
    for (const name of set === undefined ? sets : [set]) (rates[predictor] ??= {})[name] = characterErrorRate;
  }
  return rates;
}
