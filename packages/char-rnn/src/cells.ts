import * as tf from '@tensorflow/tfjs-core';
import type { CharLstm } from './model.ts';
import { Reader } from './reader.ts';

/** tanh(c) of every unit while a text is read. */
export interface CellTrace {
  /** [T] of [L D]: the units of the first layer first. */
  readonly values: readonly Float32Array[];
  readonly units: number;
}

/**
 * Reads a text from the state before anything was read, symbol by symbol.
 * @param symbols [T]
 */
export async function traceCells(model: CharLstm, symbols: Int32Array): Promise<CellTrace> {
  const reader = new Reader(model, 1);
  const values: Float32Array[] = [];
  try {
    for (const symbol of symbols)
      values.push(
        await reader.read(Int32Array.of(symbol), ({ states }) =>
          tf.concat(states.map(({ cell }) => tf.reshape(tf.tanh(cell), [-1]))),
        ),
      );
  } finally {
    reader.dispose();
  }
  return { values, units: values[0]!.length / model.layers.length };
}

/** Something that one can see of each character of a text. */
export interface Feature {
  readonly name: string;
  /** In the text's characters, one for each. */
  readonly of: (characters: readonly string[]) => readonly number[];
}

/** How long ago a character was that satisfies a condition; at the start, since the text began. */
function timeSince(isEvent: (character: string) => boolean): Feature['of'] {
  return (characters) => {
    let count = 0;
    return characters.map((character) => (count = isEvent(character) ? 0 : count + 1));
  };
}

const indicator = (isTrue: (character: string) => boolean) => (characters: readonly string[]) =>
  characters.map((character) => Number(isTrue(character)));

/** What Karpathy, Johnson & Fei-Fei ("Visualizing and understanding recurrent networks", 2016) looked for, and the like. */
export const FEATURES: readonly Feature[] = [
  { name: 'place in the line', of: timeSince((character) => character === '\n') },
  { name: 'place in the word', of: timeSince((character) => !/\p{L}/u.test(character)) },
  { name: 'time since a sentence ended', of: timeSince((character) => /[.!?]/.test(character)) },
  { name: 'capital letter', of: indicator((character) => /\p{Lu}/u.test(character)) },
  { name: 'vowel', of: indicator((character) => /[aeiouAEIOU]/.test(character)) },
  { name: 'line break', of: indicator((character) => character === '\n') },
];

/** The unit that shows a feature most plainly. */
export interface TellingUnit {
  readonly feature: string;
  /** Position in the trace's values. */
  readonly unit: number;
  /** Pearson's, of either sign. */
  readonly correlation: number;
}

/** For each feature that varies in a text, the unit whose tanh(c) is correlated with it most. */
export function tellingUnits({ values }: CellTrace, characters: readonly string[]): TellingUnit[] {
  const columns = Array.from(values[0] ?? [], (_, unit) => values.map((row) => row[unit]!));
  return FEATURES.flatMap(({ name, of }) => {
    const feature = of(characters);
    const correlations = columns.map((column) => correlationOf(column, feature));
    const unit = correlations.reduce(
      (best, value, at) => (Math.abs(value) > Math.abs(correlations[best]!) ? at : best),
      0,
    );
    const correlation = correlations[unit] ?? 0;
    return correlation === 0 ? [] : [{ feature: name, unit, correlation }];
  });
}

/** Pearson's correlation; 0 where one of the two does not vary. */
export function correlationOf(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ofBoth, ofA, ofB] = [0, 0, 0];
  for (const [index, value] of a.entries()) {
    const [fromA, fromB] = [value - meanA, b[index]! - meanB];
    ofBoth += fromA * fromB;
    ofA += fromA ** 2;
    ofB += fromB ** 2;
  }
  return ofA === 0 || ofB === 0 ? 0 : ofBoth / Math.sqrt(ofA * ofB);
}
