/** Values under one block of the level above. */
const FACTOR = 32;
const NONE = 0xffff_ffff;

/** Places in a list: its smallest and largest number, and its first value that is no number. */
export interface Extremes {
  readonly min: number;
  readonly max: number;
  readonly gap: number;
}

interface Level {
  readonly min: Uint32Array;
  readonly max: Uint32Array;
  readonly gap: Uint32Array;
}

/**
 * Pyramid of the places of minima and maxima over blocks of 32, 32², … values: the extremes of any range in some hundred
 * comparisons, whatever its length. NaN and infinities are no extremes; the first one of a range is its gap.
 */
export class Pyramid {
  readonly #values: Float64Array;
  readonly #levels: Level[] = [];

  /** @param before pyramid of the first values of this list, whose whole blocks are taken over */
  constructor(values: Float64Array, before?: Pyramid) {
    this.#values = values;
    const known = before === undefined ? 0 : Math.min(before.#values.length, values.length);
    let count = values.length;
    for (let level = 0, size = FACTOR; count > FACTOR; level++, size *= FACTOR) {
      count = Math.ceil(count / FACTOR);
      const made: Level = { min: new Uint32Array(count), max: new Uint32Array(count), gap: new Uint32Array(count) };
      const old = before === undefined ? undefined : before.#levels[level];
      const kept = old === undefined ? 0 : Math.floor(known / size);
      if (old !== undefined)
        for (const part of ['min', 'max', 'gap'] as const) made[part].set(old[part].subarray(0, kept));
      for (let block = kept; block < count; block++) {
        const end = Math.min((block + 1) * size, values.length);
        const { min, max, gap } =
          level === 0 ? this.#scan(block * size, end) : this.#blocks(level - 1, block * FACTOR, FACTOR);
        made.min[block] = min;
        made.max[block] = max;
        made.gap[block] = gap;
      }
      this.#levels.push(made);
    }
  }

  /** Extremes of the values from `start` to before `end`. A place is -1 where there is none. */
  extremes(start: number, end: number): Extremes {
    const { min, max, gap } = this.#range(start, end);
    const place = (index: number): number => (index === NONE ? -1 : index);
    return { min: place(min), max: place(max), gap: place(gap) };
  }

  #range(start: number, end: number): Extremes {
    let found: Extremes = EMPTY;
    let at = start;
    while (at < end) {
      // The largest block that begins here and ends in the range.
      let level = -1;
      let size = 1;
      while (level + 1 < this.#levels.length && at % (size * FACTOR) === 0 && at + size * FACTOR <= end) {
        size *= FACTOR;
        level++;
      }
      if (level < 0) {
        const stop = Math.min(end, (Math.floor(at / FACTOR) + 1) * FACTOR);
        found = this.#join(found, this.#scan(at, stop));
        at = stop;
      } else {
        found = this.#join(found, this.#blocks(level, at / size, 1));
        at += size;
      }
    }
    return found;
  }

  #scan(start: number, end: number): Extremes {
    const values = this.#values;
    let [min, max, gap] = [NONE, NONE, NONE];
    for (let index = start; index < end; index++) {
      const value = values[index]!;
      if (!Number.isFinite(value)) {
        if (gap === NONE) gap = index;
        continue;
      }
      if (min === NONE || value < values[min]!) min = index;
      if (max === NONE || value > values[max]!) max = index;
    }
    return { min, max, gap };
  }

  #blocks(level: number, from: number, count: number): Extremes {
    const { min, max, gap } = this.#levels[level]!;
    let found: Extremes = EMPTY;
    for (let block = from; block < Math.min(from + count, min.length); block++)
      found = this.#join(found, { min: min[block]!, max: max[block]!, gap: gap[block]! });
    return found;
  }

  #join(a: Extremes, b: Extremes): Extremes {
    const values = this.#values;
    const isLower = a.min === NONE || (b.min !== NONE && values[b.min]! < values[a.min]!);
    const isHigher = a.max === NONE || (b.max !== NONE && values[b.max]! > values[a.max]!);
    return { min: isLower ? b.min : a.min, max: isHigher ? b.max : a.max, gap: a.gap === NONE ? b.gap : a.gap };
  }
}

const EMPTY: Extremes = { min: NONE, max: NONE, gap: NONE };
