/** Something that one can see of each character of a text: a number for each. */
type Feature = (characters: readonly string[]) => readonly number[];

const since =
  (isEvent: (character: string) => boolean): Feature =>
  (characters) => {
    let count = 0;
    return characters.map((character) => (count = isEvent(character) ? 0 : count + 1));
  };
const isOne =
  (pattern: RegExp): Feature =>
  (characters) =>
    characters.map((character) => Number(pattern.test(character)));

/** What a unit of a small network may come to follow (after Karpathy, Johnson & Fei-Fei, 2016), by name. */
const FEATURES: Readonly<Record<string, Feature>> = {
  'place in the line': since((character) => character === '\n'),
  'place in the word': since((character) => !/\p{L}/u.test(character)),
  capitals: isOne(/\p{Lu}/u),
  vowels: isOne(/[aeiou]/i),
};

export interface TellingUnit {
  readonly feature: string;
  readonly layer: number;
  readonly unit: number;
  /** Pearson's, of either sign. */
  readonly correlation: number;
}

/**
 * For each feature that varies in a text, the unit that is correlated with it most.
 * @param layers h of each layer after each character [T, H]
 */
export function tellingUnits(layers: readonly ArrayLike<number>[], characters: readonly string[]): TellingUnit[] {
  return Object.entries(FEATURES).flatMap(([feature, of]) => {
    const values = of(characters);
    let best: TellingUnit = { feature, layer: 0, unit: 0, correlation: 0 };
    for (const [layer, hidden] of layers.entries()) {
      const size = hidden.length / characters.length;
      for (let unit = 0; unit < size; unit++) {
        const correlation = correlationOf(columnOf(hidden, unit, size), values);
        if (Math.abs(correlation) > Math.abs(best.correlation)) best = { feature, layer, unit, correlation };
      }
    }
    return best.correlation === 0 ? [] : [best];
  });
}

/** A column of a matrix of so many columns, row after row. */
export function columnOf(matrix: ArrayLike<number>, column: number, columns: number): number[] {
  return Array.from({ length: matrix.length / columns }, (_, row) => matrix[row * columns + column]!);
}

/** 0 where one of the two does not vary. */
function correlationOf(a: readonly number[], b: readonly number[]): number {
  const centred = (values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return values.map((value) => value - mean);
  };
  const [fromA, fromB] = [centred(a), centred(b)];
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, index) => sum + value * y[index]!, 0);
  const scale = Math.sqrt(dot(fromA, fromA) * dot(fromB, fromB));
  return scale === 0 ? 0 : dot(fromA, fromB) / scale;
}
