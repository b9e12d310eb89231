import { closest, distance } from 'fastest-levenshtein';

/** The known name that `name` was probably meant to be; undefined where none is near. */
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

/** `; did you mean "x"?` or, where nothing is near, the list of what there is. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return near === undefined ? `; expected one of ${known.join(', ')}` : `; did you mean "${near}"?`;
}
