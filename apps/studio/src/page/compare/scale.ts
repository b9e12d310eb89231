import { ticks } from '../charts/download.ts';
import { formatNumber } from '../parts/format.ts';
import { compareValues, type FieldValue } from '../table/fields.ts';

/** Axis over values of any kind: numbers by size, or by magnitude where they span three of them; words one by one. */
export interface ValueScale {
  /** Place of a value from 0 to 1; undefined for one that is missing. */
  readonly place: (value: FieldValue) => number | undefined;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
}

export function scaleOf(values: readonly FieldValue[]): ValueScale {
  const present = values.filter((value) => value !== null && value !== undefined);
  const numbers = present.filter((value) => typeof value === 'number' && Number.isFinite(value)) as number[];
  if (present.length > 0 && numbers.length === present.length) return numberScale(numbers);
  const words = [...new Set(values.map(wordOf))].sort((a, b) => compareValues(a, b, false));
  const at = (index: number): number => (words.length < 2 ? 0.5 : index / (words.length - 1));
  return {
    place: (value) => {
      const index = words.indexOf(wordOf(value));
      return index < 0 ? undefined : at(index);
    },
    ticks: words.map((word, index) => ({ at: at(index), label: word })),
  };
}

/** A value as a word of its own: none of them is one too. */
function wordOf(value: FieldValue): string {
  return value === null || value === undefined ? 'none' : String(value);
}

function numberScale(values: readonly number[]): ValueScale {
  let [min, max] = [Infinity, -Infinity];
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  const isLog = min > 0 && max / min >= 1000;
  const scaled = (value: number): number => (isLog ? Math.log10(value) : value);
  const [low, high] = [scaled(min), scaled(max)];
  const size = high - low;
  const place = (value: number): number => (size === 0 ? 0.5 : (scaled(value) - low) / size);
  const marks = size === 0 ? [min] : isLog ? powers(min, max) : ticks({ min, max }, 4);
  return {
    place: (value) => (typeof value === 'number' && Number.isFinite(value) ? place(value) : undefined),
    ticks: marks.map((value) => ({ at: place(value), label: formatNumber(value) })),
  };
}

function powers(min: number, max: number): number[] {
  const values: number[] = [];
  for (let power = Math.ceil(Math.log10(min)); power <= Math.log10(max); power++) values.push(10 ** power);
  return values;
}
