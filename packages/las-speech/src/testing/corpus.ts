import { openCorpus, type Corpus } from '../corpus/corpus.ts';
import { planTexts, type SetName } from '../synthesis/plan.ts';
import { synthesize } from '../synthesis/synthesize.ts';
import type { Synthesizer } from '../synthesis/synthesizer.ts';
import type { SoundPart } from '../utterances.ts';

/** A corpus of given texts, by set. Two voices take turns. The caller closes it. */
export async function corpusOf(
  cache: string,
  synthesizer: Synthesizer,
  texts: Partial<Record<SetName, readonly string[]>>,
): Promise<Corpus> {
  const entries = Object.entries(texts) as [SetName, readonly string[]][];
  const sets = entries.flatMap(([set, some]) => some.map(() => set));
  const planned = planTexts(
    entries.flatMap(([, some]) => some),
    synthesizer,
    synthesizer.voices.slice(0, 2),
  );
  const utterances = planned.map((each, index) => ({ ...each, id: `utterance-${index}`, set: sets[index]! }));
  return openCorpus(await synthesize(utterances, [synthesizer], { cache, report: () => undefined }));
}

/** The utterances of a set. */
export function partOf(corpus: Corpus, set: SetName): SoundPart {
  return { corpus: corpus.description, indices: corpus.indicesOf(set) };
}
