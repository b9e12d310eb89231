import { tokensOf, type SentencePair } from './sentence-pair.ts';

const ROUNDS = 5;

/**
 * The likeliest German word of each English word in lower case, by the translation probabilities t(g | e) of IBM's model 1
 * (Brown et al., 1993), from sentence pairs alone: in a few rounds of expectation and maximisation, each German word is
 * shared out among the English words of its sentence by t, and t becomes what each English word was given.
 */
export function alignWords(pairs: readonly SentencePair[]): Map<string, string> {
  const sentences = pairs.map(({ english, german }) => ({
    sources: tokensOf(english).map((word) => word.toLowerCase()),
    targets: tokensOf(german),
  }));
  let probabilities: ReadonlyMap<string, ReadonlyMap<string, number>> | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const given = new Map<string, Map<string, number>>();
    for (const { sources, targets } of sentences)
      for (const target of targets) {
        const shares = sources.map((source) => probabilities?.get(source)?.get(target) ?? (probabilities ? 0 : 1));
        const sum = shares.reduce((total, share) => total + share, 0);
        for (const [index, source] of sources.entries()) {
          const ofSource = given.get(source) ?? new Map<string, number>();
          given.set(source, ofSource.set(target, (ofSource.get(target) ?? 0) + shares[index]! / sum));
        }
      }
    probabilities = new Map(Array.from(given, ([source, ofSource]) => [source, normalized(ofSource)]));
  }
  return new Map(
    Array.from(probabilities ?? [], ([source, ofSource]) => [
      source,
      [...ofSource].reduce((best, entry) => (entry[1] > best[1] ? entry : best))[0],
    ]),
  );
}

function normalized(shares: ReadonlyMap<string, number>): Map<string, number> {
  const sum = [...shares.values()].reduce((total, share) => total + share, 0);
  return new Map(Array.from(shares, ([target, share]) => [target, share / sum]));
}
