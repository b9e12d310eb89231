/** A meaning that one or more nouns have (a synset). */
export interface Meaning {
  /** Its place in WordNet 3.1, by which it is known. */
  readonly offset: number;
  /** Nouns with this meaning, the usual one first. */
  readonly nouns: readonly string[];
  /** Definition, without examples. */
  readonly gloss: string;
  /** Offsets of the more general meanings. */
  readonly parents: readonly number[];
}

/**
 * WordNet's nouns (Miller, "WordNet: a lexical database for English", Communications of the ACM, 1995): meanings, and
 * which of them is more general than which.
 */
export class WordNet {
  readonly #meanings: ReadonlyMap<number, Meaning>;
  readonly #senses: ReadonlyMap<string, readonly number[]>;

  /** @param senses offsets of the meanings of each noun in lower case, the most usual first */
  constructor(meanings: ReadonlyMap<number, Meaning>, senses: ReadonlyMap<string, readonly number[]>) {
    this.#meanings = meanings;
    this.#senses = senses;
  }

  /** @throws RangeError where WordNet has no such meaning */
  meaning(offset: number): Meaning {
    const meaning = this.#meanings.get(offset);
    if (meaning === undefined) throw new RangeError(`WordNet has no noun at ${offset}`);
    return meaning;
  }

  /** Meanings of a noun, the most usual first; none where WordNet does not have it. A plural is looked up as it is. */
  senses(noun: string): readonly Meaning[] {
    return (this.#senses.get(noun.toLowerCase()) ?? []).map((offset) => this.meaning(offset));
  }

  /** The meaning and all that are more general, each with its shortest distance in steps. */
  ancestors(offset: number): ReadonlyMap<number, number> {
    const distances = new Map([[offset, 0]]);
    for (const [current, distance] of distances)
      for (const parent of this.meaning(current).parents)
        if (!distances.has(parent)) distances.set(parent, distance + 1);
    return distances;
  }
}

/** Lines of a file of WordNet's, without the license, which is indented. */
const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('  '));

const spaced = (noun: string): string => noun.replaceAll('_', ' ');

/** The format is that of WordNet's manual page wndb(5). */
export function parseMeanings(text: string): Map<number, Meaning> {
  const meanings = new Map<number, Meaning>();
  for (const line of linesOf(text)) {
    const bar = line.indexOf(' | ');
    const fields = line.slice(0, bar).split(' ');
    const offset = Number(fields[0]);
    const nounCount = Number.parseInt(fields[3]!, 16);
    const pointersAt = 4 + 2 * nounCount;
    const parents: number[] = [];
    for (let pointer = 0; pointer < Number(fields[pointersAt]); pointer++) {
      const [symbol, target, kind] = fields.slice(pointersAt + 1 + 4 * pointer);
      if ((symbol === '@' || symbol === '@i') && kind === 'n') parents.push(Number(target));
    }
    const nouns = Array.from({ length: nounCount }, (_, index) => spaced(fields[4 + 2 * index]!));
    const [gloss = ''] = line.slice(bar + 3).split(/; "|; *$/);
    meanings.set(offset, { offset, nouns, gloss: gloss.trim(), parents });
  }
  return meanings;
}

export function parseSenses(text: string): Map<string, number[]> {
  return new Map(
    linesOf(text).map((line) => {
      const fields = line.trim().split(' ');
      return [spaced(fields[0]!), fields.slice(fields.length - Number(fields[2])).map(Number)] as const;
    }),
  );
}
