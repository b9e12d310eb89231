import { closest, distance } from 'fastest-levenshtein';
import { shown } from './errors.ts';

/** Longer texts are no misspelled names. A comparison takes the product of two lengths. */
const MAX_LENGTH = 200;

/** Known name closest to a misspelled `name`. Undefined where none is close. */
function nearestName(name: string, known: readonly string[]): string | undefined {
  const lastPart = (path: string): string => path.slice(path.lastIndexOf('.') + 1);
  const sameEnd = known.filter((candidate) => lastPart(candidate) === lastPart(name));
  if (sameEnd.length === 1) return sameEnd[0];
  if (known.length === 0) return undefined;
  const candidate = closest(
    name.toLowerCase(),
    known.map((each) => each.toLowerCase()),
  );
  const original = known.find((each) => each.toLowerCase() === candidate);
  return distance(name.toLowerCase(), candidate) <= Math.max(2, Math.floor(name.length / 2)) ? original : undefined;
}

/** Hint for an unknown name: `; did you mean "x"?`, or the list of known names where none is close. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = name.length <= MAX_LENGTH ? nearestName(name, known) : undefined;
  return near === undefined ? `; expected one of ${known.join(', ')}` : `; did you mean ${shown(near)}?`;
}
