import { tokensOf, type SentencePair } from './sentence-pair.ts';

const ROUNDS = 5;

/**
 * Most probable German word of each lower-case English word, by IBM model 1 (Brown et al., 1993). Expectation-maximization
 * estimates the translation probabilities t(g | e) from sentence pairs: the E-step distributes each German word over the
 * English words of its sentence in proportion to t, and the M-step normalizes these counts to t.
 */
export function alignWords(pairs: readonly SentencePair[]): Map<string, string> {
  const sentences = pairs.map(({ english, german }) => ({
    sources: tokensOf(english).map((word) => word.toLowerCase()),
    targets: tokensOf(german),
  }));
  let probabilities: ReadonlyMap<string, ReadonlyMap<string, number>> | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const counts = new Map<string, Map<string, number>>();
    for (const { sources, targets } of sentences)
      for (const target of targets) {
        const shares = sources.map((source) => probabilities?.get(source)?.get(target) ?? (probabilities ? 0 : 1));
        const sum = shares.reduce((total, share) => total + share, 0);
        for (const [index, source] of sources.entries()) {
          const ofSource = counts.get(source) ?? new Map<string, number>();
          counts.set(source, ofSource.set(target, (ofSource.get(target) ?? 0) + shares[index]! / sum));
        }
      }
    probabilities = new Map(Array.from(counts, ([source, ofSource]) => [source, normalized(ofSource)]));
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
