import { readFileSync } from 'node:fs';
import type { RandomNumbers } from '@motley/run';
import type { Room } from './room.ts';

/** Every so many frames of a result [count, width]. */
export interface Rows {
  readonly count: number;
  readonly width: number;
  readonly every: number;
  readonly values: readonly number[];
}

interface Reference {
  readonly length: number;
  readonly shortLength: number;
  readonly filters: Readonly<Record<string, { bands: number; sums: number[]; centers: number[] }>>;
  readonly activePower: number;
  readonly room: { room: Room; frequencies: number[]; values: [number, number][] };
}

/** Values of `reference.py`. */
export const reference = JSON.parse(readFileSync(new URL('reference.json', import.meta.url), 'utf8')) as Reference &
  Readonly<Record<string, Rows>>;

/** The sound of `reference.py`. */
export function signal(length: number): Float32Array {
  return Float32Array.from({ length }, (_, index) => {
    const noise = ((index * index * 3) % 1001) / 1001 - 0.5;
    return 0.2 * noise + 0.5 * (((index * 21) % 400) / 400 - 0.5) + 0.3 * (((index * 97) % 1600) / 1600 - 0.5);
  });
}

const LOUDNESS = [0.001, 1, 0.5, 0.002, 0, 0.25, 0.03, 0.002] as const;

/** The sound of `reference.py` with words and pauses. */
export function speech(length: number): Float32Array {
  return signal(length).map((sample, index) => sample * LOUDNESS[Math.floor(index / 3000) % LOUDNESS.length]!);
}

/** Mean of what `draw` returns. */
export function meanOfDraws(count: number, random: RandomNumbers, draw: (random: RandomNumbers) => number): number {
  let sum = 0;
  for (let index = 0; index < count; index++) sum += draw(random.fork(index));
  return sum / count;
}
