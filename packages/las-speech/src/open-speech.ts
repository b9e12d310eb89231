import type { LasSpeechConfig } from './config.ts';
import type { Speech } from './data.ts';
import { openCorpus } from './synthesis/corpus.ts';
import { corpusDefaults } from './synthesis/plan.ts';
import { makeSpeechCorpus } from './synthesis/speech-corpus.ts';

/**
 * Opens the utterances of a configuration, and synthesizes them where they are not in the cache yet.
 * @param print takes lines about synthesizer, voices, size and progress
 */
export async function openSpeech(
  { data }: Pick<LasSpeechConfig, 'data'>,
  print: (line: string) => void,
): Promise<Speech> {
  const { utterances, heldOut, seed, synthesizer } = data;
  const texts = {
    ...corpusDefaults.texts,
    training: utterances,
    validation: Math.ceil(0.75 * heldOut),
    test: heldOut,
    unseenWords: heldOut,
  };
  const made = await makeSpeechCorpus({ ...corpusDefaults, seed, texts, synthesizer }, { report: print });
  const corpus = openCorpus(made.description);
  print(
    `${made.synthesizer}: ${made.learnedVoices.length} voices to learn and ${made.unseenVoices.length} never heard, ${corpus.length} utterances`,
  );
  return { corpus };
}
