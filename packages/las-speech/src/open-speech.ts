import type { LasSpeechConfig } from './config.ts';
import type { Speech } from './data.ts';
import { openCorpus } from './synthesis/corpus.ts';
import { openFlite } from './synthesis/flite.ts';
import { openSynthesizer } from './synthesis/open.ts';
import { corpusDefaults, planCorpus } from './synthesis/plan.ts';
import { loadTextSources } from './synthesis/sources.ts';
import { synthesize } from './synthesis/synthesize.ts';

/**
 * Opens the utterances of a configuration, and synthesizes them where they are not in the cache yet.
 * @param report takes lines about size and progress
 */
export async function openSpeech(
  { data }: Pick<LasSpeechConfig, 'data'>,
  report?: (line: string) => void,
): Promise<Speech> {
  const main = await openSynthesizer(data.synthesizer, data.language);
  const other = main.name === 'flite' ? undefined : await openFlite();
  const { utterances: training, heldOut } = data;
  const texts = { ...corpusDefaults.texts, training, validation: Math.ceil(0.75 * heldOut), test: heldOut, unseenWords: heldOut };
  try {
    const plan = planCorpus(await loadTextSources(), main, other, { ...corpusDefaults, seed: data.seed, texts });
    const synthesizers = other === undefined ? [main] : [main, other];
    const options = { language: data.language, ...(report && { report }) };
    return { corpus: openCorpus(await synthesize(plan.utterances, synthesizers, options)) };
  } finally {
    await Promise.all([main.close(), other?.close()]);
  }
}
