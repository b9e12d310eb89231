import type { Score } from './pairs.ts';

/** Result of an open-set identification. */
export interface OpenSet {
  /** Share of the known probes whose own gallery picture has the highest score: the closed set's rank 1. */
  readonly rankOne: number;
  /** Detection and identification rate: of the known probes, right and at least at the threshold. */
  readonly detection: number;
  readonly threshold: number;
  readonly knownProbes: number;
  readonly unknownProbes: number;
}

/**
 * Open-set identification (Phillips et al., "Evaluation methods in face recognition", Handbook of Face Recognition, 2011).
 * Every second person is in the gallery with the first picture; their other pictures are known probes. The pictures of
 * the other people are unknown probes. The threshold lets the given share of them be taken for somebody.
 * @param people [N]
 * @param falsePositiveRate FPIR
 */
export function identifyOpenSet(people: Int32Array, score: Score, falsePositiveRate: number): OpenSet | undefined {
  const numbers = [...new Set(people)].sort((a, b) => a - b);
  const known = new Set(numbers.filter((_, place) => place % 2 === 0));
  const gallery = new Map<number, number>();
  for (const [place, person] of people.entries())
    if (known.has(person) && !gallery.has(person)) gallery.set(person, place);
  const inGallery = new Set(gallery.values());
  const best = (probe: number): readonly [person: number, score: number] => {
    let [who, highest] = [-1, -Infinity];
    for (const [person, place] of gallery) {
      const value = score(probe, place);
      if (value > highest) [who, highest] = [person, value];
    }
    return [who, highest];
  };
  const places = Array.from(people.keys());
  const strangers = places.filter((place) => !known.has(people[place]!)).map((place) => best(place)[1]);
  const probes = places.filter((place) => known.has(people[place]!) && !inGallery.has(place));
  if (strangers.length === 0 || probes.length === 0) return undefined;
  const allowed = Math.floor(falsePositiveRate * strangers.length);
  // The first score that would let one too many in; a probe must be above it.
  const threshold = strangers.toSorted((a, b) => b - a)[allowed]!;
  const found = probes.map((place) => {
    const [who, highest] = best(place);
    return { isRight: who === people[place], isAbove: highest > threshold };
  });
  return {
    rankOne: found.filter(({ isRight }) => isRight).length / probes.length,
    detection: found.filter(({ isRight, isAbove }) => isRight && isAbove).length / probes.length,
    threshold,
    knownProbes: probes.length,
    unknownProbes: strangers.length,
  };
}
