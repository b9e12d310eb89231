/** Largest difference of two results, and where it is. */
export interface Difference {
  readonly largest: number;
  readonly place: string;
}

/**
 * Compares results number by number, lists and records in depth.
 * @throws Error naming the place where they differ in anything but a number
 */
export function difference(found: unknown, expected: unknown, place = ''): Difference {
  if (typeof found === 'number' && typeof expected === 'number') return { largest: Math.abs(found - expected), place };
  if (isList(found) && isList(expected)) {
    if (found.length !== expected.length)
      throw new Error(`${place}: expected ${expected.length} values, got ${found.length}`);
    return worst(Array.from(found, (each, index) => difference(each, expected[index], `${place}[${index}]`)));
  }
  if (isRecord(found) && isRecord(expected)) {
    const names = Object.keys(expected);
    return worst(names.map((name) => difference(found[name], expected[name], `${place}.${name}`)));
  }
  if (found !== expected) throw new Error(`${place}: expected ${String(expected)}, got ${String(found)}`);
  return { largest: 0, place };
}

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || ArrayBuffer.isView(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function worst(differences: readonly Difference[]): Difference {
  return differences.reduce((most, each) => (each.largest > most.largest ? each : most), { largest: 0, place: '' });
}
