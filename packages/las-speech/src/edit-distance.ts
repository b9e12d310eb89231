/** One place of an alignment. `reference` is missing in an insertion, `hypothesis` in a deletion. */
export interface Edit {
  readonly kind: 'hit' | 'substitution' | 'insertion' | 'deletion';
  readonly reference?: string;
  readonly hypothesis?: string;
}

/** Numbers of the edits that turn a reference into a hypothesis. */
export interface EditCounts {
  readonly hits: number;
  readonly substitutions: number;
  readonly insertions: number;
  readonly deletions: number;
}

/**
 * Cost of an insertion or deletion. A substitution costs one more, so that the cheapest alignment has the fewest edits,
 * and of those the most hits. Exact for texts below 2²⁶ symbols.
 */
const EDIT = 2 ** 26;
const SUBSTITUTION = EDIT + 1;

/** Most cells of the table that an alignment is read from: a byte each. */
const MOST_CELLS = 2 ** 28;

const DIAGONAL = 0;
const DELETION = 1;
const INSERTION = 2;

/** Number of edits: the Levenshtein distance. */
export function distanceOf({ substitutions, insertions, deletions }: EditCounts): number {
  return substitutions + insertions + deletions;
}

/**
 * Fewest substitutions, insertions and deletions that turn `reference` into `hypothesis` (Levenshtein 1966; Wagner &
 * Fischer 1974). Of several alignments with as few edits, the one with the most hits counts. Memory is linear.
 * @param reference symbols: letters, words
 */
export function countEdits(reference: readonly string[], hypothesis: readonly string[]): EditCounts {
  const { prefix, from, to } = differingPart(reference, hypothesis);
  const row = firstRow(to.length);
  for (const symbol of from) nextRow(row, symbol, to);
  const cost = row[to.length]!;
  // cost = EDIT · (S + I + D) + S, and D - I is the difference of the lengths.
  const substitutions = cost % EDIT;
  const others = Math.floor(cost / EDIT) - substitutions;
  const deletions = (others + from.length - to.length) / 2;
  const suffix = reference.length - prefix - from.length;
  return {
    hits: prefix + suffix + from.length - substitutions - deletions,
    substitutions,
    insertions: others - deletions,
    deletions,
  };
}

/**
 * An alignment with the numbers of `countEdits`, from the first symbol to the last.
 * @throws RangeError where the lengths of what differs multiply to more than 2²⁸: its table would not fit
 */
export function align(reference: readonly string[], hypothesis: readonly string[]): Edit[] {
  const { prefix, from, to } = differingPart(reference, hypothesis);
  const width = to.length + 1;
  if ((from.length + 1) * width > MOST_CELLS)
    throw new RangeError(
      `alignment: expected texts whose lengths multiply to at most ${MOST_CELLS}, got ${from.length} and ${to.length}`,
    );
  const directions = new Uint8Array((from.length + 1) * width);
  directions.fill(INSERTION, 1, width);
  const row = firstRow(to.length);
  for (const [index, symbol] of from.entries())
    nextRow(row, symbol, to, directions.subarray((index + 1) * width, (index + 2) * width));
  const edits: Edit[] = [];
  for (let symbol = reference.length - 1; symbol >= prefix + from.length; symbol--) edits.push(hit(reference[symbol]!));
  for (let [i, j] = [from.length, to.length]; i > 0 || j > 0;) {
    const direction = directions[i * width + j];
    if (direction === DIAGONAL) edits.push(pairOf(from[--i]!, to[--j]!));
    else if (direction === DELETION) edits.push({ kind: 'deletion', reference: from[--i]! });
    else edits.push({ kind: 'insertion', hypothesis: to[--j]! });
  }
  for (let symbol = prefix - 1; symbol >= 0; symbol--) edits.push(hit(reference[symbol]!));
  return edits.reverse();
}

function hit(symbol: string): Edit {
  return { kind: 'hit', reference: symbol, hypothesis: symbol };
}

function pairOf(reference: string, hypothesis: string): Edit {
  return reference === hypothesis ? hit(reference) : { kind: 'substitution', reference, hypothesis };
}

/** What lies between a common beginning and a common end, which a cheapest alignment pairs. */
function differingPart(reference: readonly string[], hypothesis: readonly string[]) {
  const shorter = Math.min(reference.length, hypothesis.length);
  let prefix = 0;
  while (prefix < shorter && reference[prefix] === hypothesis[prefix]) prefix++;
  let suffix = 0;
  while (suffix < shorter - prefix && reference.at(-1 - suffix) === hypothesis.at(-1 - suffix)) suffix++;
  return {
    prefix,
    from: reference.slice(prefix, reference.length - suffix),
    to: hypothesis.slice(prefix, hypothesis.length - suffix),
  };
}

/** Costs of the first 0, 1, … symbols of a hypothesis, all inserted. */
function firstRow(length: number): Float64Array {
  const row = new Float64Array(length + 1);
  for (let index = 1; index <= length; index++) row[index] = index * EDIT;
  return row;
}

/** Turns the costs after i symbols of the reference into those after i + 1. */
function nextRow(row: Float64Array, symbol: string, to: readonly string[], directions?: Uint8Array): void {
  let diagonal = row[0]!;
  let left = diagonal + EDIT;
  row[0] = left;
  if (directions) directions[0] = DELETION;
  for (let index = 1; index < row.length; index++) {
    const above = row[index]!;
    let cost = diagonal + (symbol === to[index - 1] ? 0 : SUBSTITUTION);
    let direction = DIAGONAL;
    if (above + EDIT < cost) {
      cost = above + EDIT;
      direction = DELETION;
    }
    if (left + EDIT < cost) {
      cost = left + EDIT;
      direction = INSERTION;
    }
    if (directions) directions[index] = direction;
    diagonal = above;
    left = cost;
    row[index] = cost;
  }
}
