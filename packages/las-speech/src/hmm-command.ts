import { join } from 'node:path';
import type { DataCommand } from '@motley/core/node';
import { UserError } from '@motley/run';
import { z } from 'zod';
import { hmmBaseline, type HmmUtterance } from './baselines/hmm/hmm-baseline.ts';
import type { LasSpeechConfig } from './config.ts';
import { openCorpus, type Corpus } from './corpus/corpus.ts';
import type { Speech } from './data.ts';
import { errorRates } from './error-rates.ts';
import { metricsOf } from './evaluate.ts';
import type { ListenAttendSpell } from './model.ts';
import type { SpeechPart } from './utterances.ts';

const options = {
  dictionary: z
    .enum(['letters', 'phones'])
    .default('letters')
    .describe('sounds of words: letters know what the network knows; phones are of the CMU Pronouncing Dictionary'),
  senones: z
    .array(z.int().min(10).max(20_000))
    .min(1)
    .default([500, 1000])
    .describe('distributions of tied states; the validation chooses'),
  gaussians: z
    .union([1, 2, 4, 8, 16, 32, 64].map((count) => z.literal(count)))
    .default(16)
    .describe('most Gaussians of a senone; the validation chooses among its halves'),
  processes: z.int().min(1).max(256).default(2).describe('one for each core'),
};

/** Trains and measures the recognizer of hidden Markov models on the speech of a run. */
export const hmmCommand: DataCommand<LasSpeechConfig, Speech, ListenAttendSpell, typeof options> = {
  description: "train a recognizer of hidden Markov models on the run's speech, by sphinxtrain, and measure it",
  options,
  async run({ data, options: given, folder, signal, print }) {
    const corpora = new Map<string, Corpus>();
    const utterancesOf = (part: SpeechPart): HmmUtterance[] => {
      if (!('corpus' in part)) throw new UserError('hmm: expected a run on sound, got one on features');
      const corpus = corpora.get(part.corpus.folder) ?? openCorpus(part.corpus);
      corpora.set(part.corpus.folder, corpus);
      return Array.from(part.indices, (index) => ({
        text: corpus.utterance(index).text,
        samples: () => corpus.samples(index),
      }));
    };
    const { dictionary: pronunciations } =
      given.dictionary === 'phones' ? await import('cmu-pronouncing-dictionary') : { dictionary: undefined };
    const { tests, chosen, ...rest } = await hmmBaseline(
      {
        training: utterancesOf(data.training),
        validation: utterancesOf(data.validation),
        tests: Object.fromEntries(Object.entries(data.tests).map(([name, part]) => [name, utterancesOf(part)])),
      },
      {
        ...given,
        folder: join(folder.path, `hmm-${given.dictionary}`),
        ...(pronunciations && { pronunciations }),
        signal,
        report: print,
      },
    );
    const metrics: Record<string, Record<string, number>> = { hmm: { ...chosen, ...rest } };
    for (const [name, { words, letters }] of Object.entries(tests)) {
      metrics[`${name} by words`] = metricsOf(errorRates(words));
      if (letters) metrics[`${name} by letters`] = metricsOf(errorRates(letters));
    }
    return { metrics };
  },
};
