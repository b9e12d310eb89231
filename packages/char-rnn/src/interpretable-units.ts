/** A feature of each character of a text. */
export interface Feature {
  readonly name: string;
  /** Computes the feature for each character. */
  readonly of: (characters: readonly string[]) => readonly number[];
}

/** Characters since the last event, or since the start of the text. */
function timeSince(isEvent: (character: string) => boolean): Feature['of'] {
  return (characters) => {
    let count = 0;
    return characters.map((character) => (count = isEvent(character) ? 0 : count + 1));
  };
}

const indicator = (isTrue: (character: string) => boolean) => (characters: readonly string[]) =>
  characters.map((character) => Number(isTrue(character)));

/** Features after Karpathy, Johnson & Fei-Fei, "Visualizing and understanding recurrent networks" (2016). */
export const FEATURES: readonly Feature[] = [
  { name: 'place in the line', of: timeSince((character) => character === '\n') },
  { name: 'place in the word', of: timeSince((character) => !/\p{L}/u.test(character)) },
  { name: 'time since a sentence ended', of: timeSince((character) => /[.!?]/.test(character)) },
  { name: 'capital letter', of: indicator((character) => /\p{Lu}/u.test(character)) },
  { name: 'vowel', of: indicator((character) => /[aeiouAEIOU]/.test(character)) },
  { name: 'line break', of: indicator((character) => character === '\n') },
];

/** Activations of a layer's units after each character, [T, D]. */
export type LayerTrace = Float32Array | Float64Array;

/** Unit with the strongest correlation with a feature. */
export interface InterpretableUnit {
  readonly feature: string;
  readonly layer: number;
  readonly unit: number;
  /** Pearson correlation; may be negative. */
  readonly correlation: number;
}

/** For each feature that varies in a text, the unit with the strongest correlation. */
export function interpretableUnits(layers: readonly LayerTrace[], characters: readonly string[]): InterpretableUnit[] {
  const units = layers.flatMap((trace, layer) =>
    Array.from({ length: trace.length / characters.length }, (_, unit) => {
      return { layer, unit, values: valuesOf(trace, unit, characters.length) };
    }),
  );
  return FEATURES.flatMap(({ name: feature, of }) => {
    const featureValues = of(characters);
    let best: InterpretableUnit = { feature, layer: 0, unit: 0, correlation: 0 };
    for (const { layer, unit, values } of units) {
      const correlation = correlationOf(values, featureValues);
      if (Math.abs(correlation) > Math.abs(best.correlation)) best = { feature, layer, unit, correlation };
    }
    return best.correlation === 0 ? [] : [best];
  });
}

/** Activations of one unit after each of T characters. */
export function valuesOf(trace: LayerTrace, unit: number, time: number): number[] {
  const units = trace.length / time;
  return Array.from({ length: time }, (_, step) => trace[step * units + unit]!);
}

/** Pearson correlation; 0 if either input is constant. */
export function correlationOf(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [covariance, varianceA, varianceB] = [0, 0, 0];
  for (const [index, value] of a.entries()) {
    const [deviationA, deviationB] = [value - meanA, b[index]! - meanB];
    covariance += deviationA * deviationB;
    varianceA += deviationA ** 2;
    varianceB += deviationB ** 2;
  }
  return varianceA === 0 || varianceB === 0 ? 0 : covariance / Math.sqrt(varianceA * varianceB);
}
