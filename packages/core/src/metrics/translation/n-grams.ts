/** ASCII separators, which Python counts as white space. */
const SEPARATORS = '\x1c-\x1f';
/** White space as Python's `str.split` defines it. `\s` lacks five of these characters and adds U+FEFF. */
const SPACES = new RegExp(
  String.raw`[\t-\r${SEPARATORS} \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+`,
  'u',
);

/** Splits a text at white space, as Python's `str.split()` does. */
export function splitAtSpaces(text: string): string[] {
  return text.split(SPACES).filter((word) => word !== '');
}

/** Counts the n-grams of length `order`. Keys join symbols by `separator`, which no symbol may contain. */
export function countNGrams(symbols: readonly string[], order: number, separator = ''): Map<string, number> {
  const counts = new Map<string, number>();
  for (let start = 0; start + order <= symbols.length; start++) {
    const key = symbols.slice(start, start + order).join(separator);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** Number of n-grams in common: the sum of the smaller counts. */
export function countMatches(found: ReadonlyMap<string, number>, wanted: ReadonlyMap<string, number>): number {
  let matches = 0;
  for (const [key, count] of found) matches += Math.min(count, wanted.get(key) ?? 0);
  return matches;
}

/**
 * Pairs each hypothesis with its references.
 * @throws RangeError if the numbers of hypotheses and references differ, or a hypothesis has no reference
 */
export function pairUp(
  hypotheses: readonly string[],
  references: readonly (string | readonly string[])[],
): (readonly [hypothesis: string, references: readonly string[]])[] {
  if (hypotheses.length !== references.length) {
    throw new RangeError(
      `expected as many references as hypotheses, got ${references.length} and ${hypotheses.length}`,
    );
  }
  return hypotheses.map((hypothesis, index) => {
    const ofThis = [references[index]!].flat();
    if (ofThis.length === 0) throw new RangeError(`expected a reference for hypothesis ${index + 1}, got none`);
    return [hypothesis, ofThis];
  });
}
