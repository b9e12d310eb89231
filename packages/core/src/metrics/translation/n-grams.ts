/** Separators of ASCII, which Python counts as white space. */
const SEPARATORS = '\x1c-\x1f';
/** White space at which Python's `str.split` splits; `\s` lacks five of its characters, and has U+FEFF. */
const SPACES = new RegExp(
  String.raw`[\t-\r${SEPARATORS} \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+`,
  'u',
);

/** The words between white space, as Python's `str.split()` finds them. */
export function splitAtSpaces(text: string): string[] {
  return text.split(SPACES).filter((word) => word !== '');
}

/** How often each run of `order` symbols occurs; symbols are joined by `separator`, which none of them may contain. */
export function countNGrams(symbols: readonly string[], order: number, separator = ''): Map<string, number> {
  const counts = new Map<string, number>();
  for (let start = 0; start + order <= symbols.length; start++) {
    const key = symbols.slice(start, start + order).join(separator);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** Occurrences that both have: the sum of the smaller counts. */
export function countMatches(found: ReadonlyMap<string, number>, wanted: ReadonlyMap<string, number>): number {
  let matches = 0;
  for (const [key, count] of found) matches += Math.min(count, wanted.get(key) ?? 0);
  return matches;
}

/**
 * Each hypothesis with its references.
 * @throws RangeError where their numbers differ, or a hypothesis has no reference
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
