import type { WordNet } from './word-net.ts';

/** Something that pictures can show: a class, or what several classes are. */
export interface Concept {
  /** Its offset in WordNet. */
  readonly offset: number;
  /** Its nouns, the usual one first. */
  readonly nouns: readonly string[];
  readonly gloss: string;
  /** The noun of what it is a kind of; undefined at the top. */
  readonly kind: string | undefined;
  /** The classes that it is or has below it, as places in the classes. */
  readonly classes: readonly number[];
}

/** The classes' meanings in their order, and then all that are more general. */
export function conceptsOf(wordNet: WordNet, synsets: readonly number[]): Concept[] {
  const below = new Map<number, number[]>(synsets.map((offset) => [offset, []]));
  for (const [place, synset] of synsets.entries())
    for (const offset of wordNet.ancestors(synset).keys()) {
      const places = below.get(offset);
      if (places === undefined) below.set(offset, [place]);
      else places.push(place);
    }
  return [...below].map(([offset, classes]) => {
    const { nouns, gloss, parents } = wordNet.meaning(offset);
    const [parent] = parents;
    return { offset, nouns, gloss, kind: parent === undefined ? undefined : wordNet.meaning(parent).nouns[0], classes };
  });
}
