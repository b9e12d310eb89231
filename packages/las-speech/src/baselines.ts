import { UserError } from '@motley/run';
import type { MetricTable } from '@motley/run/node';
import { LETTERS } from './alphabet.ts';
import { deafBaselines } from './baselines/deaf-baselines.ts';
import { wordAccuracy, type SpokenWord } from './baselines/time-warping.ts';
import type { FeatureSettings, LasSpeechConfig } from './config.ts';
import type { Speech } from './data.ts';
import { errorRates } from './error-rates.ts';
import { openPart, type SpeechPart } from './utterances.ts';

/** Features for time warping, the usual ones: 13 coefficients with differences of first and second order. */
const warped: FeatureSettings = {
  kind: 'mfcc',
  bands: 40,
  coefficients: 13,
  deltas: true,
  windowInMs: 25,
  hopInMs: 10,
};

/**
 * Reference predictors: three that do not listen on every test set, and dynamic time warping on isolated words. Rows are
 * `predictor/set`.
 */
export async function measureBaselines(
  speech: Speech,
  { data, features }: Pick<LasSpeechConfig, 'data' | 'features'>,
): Promise<MetricTable> {
  const texts = (part: SpeechPart): string[] => {
    const utterances = openPart(part, features);
    const found = Array.from({ length: utterances.count }, (_, place) => utterances.text(place));
    return found;
  };
  const { tests } = deafBaselines(
    {
      training: texts(speech.training),
      validation: texts(speech.validation),
      tests: Object.fromEntries(Object.entries(speech.tests).map(([name, part]) => [name, texts(part)])),
    },
    { letters: LETTERS[data.language] },
  );
  const table: Record<string, Record<string, number>> = {};
  for (const [name, { commonest, central, languageModel, bitsPerCharacter }] of Object.entries(tests)) {
    for (const [predictor, rates] of Object.entries({
      commonestSentence: commonest,
      centralSentence: central,
      languageModel,
    }))
      table[`${predictor}/${name}`] = {
        characterErrorRate: rates.characterErrorRate.value,
        wordErrorRate: rates.wordErrorRate.value,
      };
    table[`languageModel/${name}`]!.bitsPerCharacter = bitsPerCharacter;
  }
  const { isolatedWords } = speech.tests;
  if (isolatedWords !== undefined && speech.wordTemplates !== undefined) {
    const templates = await spokenWords(speech.wordTemplates);
    const { value } = wordAccuracy(await spokenWords(isolatedWords), templates);
    table['timeWarping/isolatedWords'] = { wordErrorRate: 1 - value };
  }
  return table;
}

async function spokenWords(part: SpeechPart): Promise<SpokenWord[]> {
  if (!('corpus' in part)) throw new UserError('time warping: expected words as sound, got features');
  const utterances = openPart(part, warped);
  const words: SpokenWord[] = [];
  for (let place = 0; place < utterances.count; place++)
    words.push({ word: utterances.text(place), frames: await utterances.frames(place) });
  return words;
}
