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

/** What each unit of a layer has after each character, row after row: [T, D]. */
export type LayerTrace = Float32Array | Float64Array;

/** The unit that shows a feature most plainly. */
export interface TellingUnit {
  readonly feature: string;
  readonly layer: number;
  readonly unit: number;
  /** Pearson's, of either sign. */
  readonly correlation: number;
}

/** For each feature that varies in a text, the unit that is correlated with it most. */
export function tellingUnits(layers: readonly LayerTrace[], characters: readonly string[]): TellingUnit[] {
  const units = layers.flatMap((trace, layer) =>
    Array.from({ length: trace.length / characters.length }, (_, unit) => {
      return { layer, unit, values: valuesOf(trace, unit, characters.length) };
    }),
  );
  return FEATURES.flatMap(({ name: feature, of }) => {
    const wanted = of(characters);
    let best: TellingUnit = { feature, layer: 0, unit: 0, correlation: 0 };
    for (const { layer, unit, values } of units) {
      const correlation = correlationOf(values, wanted);
      if (Math.abs(correlation) > Math.abs(best.correlation)) best = { feature, layer, unit, correlation };
    }
    return best.correlation === 0 ? [] : [best];
  });
}

/** What one unit has after each of T characters. */
export function valuesOf(trace: LayerTrace, unit: number, time: number): number[] {
  const units = trace.length / time;
  return Array.from({ length: time }, (_, step) => trace[step * units + unit]!);
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
