import type { LasSpeechConfig } from './config.ts';
import type { Speech } from './data.ts';
import type { SpeechPart } from './stream.ts';
import { openCorpus } from './synthesis/corpus.ts';
import { corpusDefaults, type SetName } from './synthesis/plan.ts';
import { makeSpeechCorpus } from './synthesis/speech-corpus.ts';

/** Test sets of the English generator, by the names of their metrics. */
const TEST_SETS = {
  seenVoices: 'seen voices',
  unseenVoices: 'unseen voices',
  unseenWords: 'unseen words',
  otherSynthesizer: 'other synthesizer',
  long: 'long',
} as const satisfies Readonly<Record<string, SetName>>;

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
  try {
    print(
      `${made.synthesizer}: ${made.learnedVoices.length} voices to learn and ${made.unseenVoices.length} never heard, ${corpus.length} utterances`,
    );
    const partOf = (set: SetName): SpeechPart => ({ corpus: made.description, indices: corpus.indicesOf(set) });
    const tests = Object.entries(TEST_SETS).map(([name, set]) => [name, partOf(set)] as const);
    return {
      training: partOf('training'),
      validation: partOf('validation'),
      tests: Object.fromEntries(tests.filter(([, { indices }]) => indices.length > 0)),
    };
  } finally {
    corpus.close();
  }
}
