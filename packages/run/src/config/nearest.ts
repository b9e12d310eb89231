import { closest, distance } from 'fastest-levenshtein';
import { printable, shown } from './errors.ts';

/** Names from files may be many and long. Only these are compared and listed. */
const MOST_NAMES = 1000;
const MOST_LISTED = 100;
/** Longer texts are no misspelled names. A comparison takes the product of two lengths. */
const LONGEST_NAME = 200;

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
  const short = known.filter(({ length }) => length <= LONGEST_NAME);
  const near = name.length > LONGEST_NAME ? undefined : nearestName(name, short.slice(0, MOST_NAMES));
  if (near !== undefined) return `; did you mean ${shown(near)}?`;
  const listed = short.slice(0, MOST_LISTED).map((each) => printable(each));
  const more = known.length - listed.length;
  return `; expected one of ${listed.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
