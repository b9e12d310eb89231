import { countOf, type LabeledTexts, textAt } from '../labeled-texts.ts';
import { UNKNOWN } from '../vocabulary.ts';
import { minimize } from './lbfgs.ts';

interface TfIdfOptions {
  /** Words of the longest n-gram: 1 for words, 2 for bigrams too. */
  readonly longestGram: 1 | 2;
  /** Weight of the texts' loss against the squared weights, as scikit-learn's C. Default 1. */
  readonly strength?: number;
  /** Texts that an n-gram must occur in. Default 2. */
  readonly minTexts?: number;
  /** Most n-grams, the most frequent ones. Default 50,000: more take a gigabyte and change little. */
  readonly mostGrams?: number;
  /** Iterations of L-BFGS. Default 100, as scikit-learn has. */
  readonly iterations?: number;
}

interface TfIdfClassifier {
  /** Probabilities of the classes, [N, C]. */
  predict(texts: LabeledTexts): Float64Array;
}

/** Rows of few entries: those of row i are at `starts[i]` to `starts[i + 1]`. */
interface SparseRows {
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/** Larger than any vocabulary. */
const SHIFT = 2 ** 26;

/**
 * Logistic regression on TF-IDF: counts of n-grams times ln((1 + N) / (1 + texts with it)) + 1, each text scaled to
 * length 1, then ½ ‖W‖² + C Σ -log softmax(W x + b)[label] minimized, as scikit-learn's `TfidfVectorizer(min_df=2)` and
 * `LogisticRegression` do. Words outside the vocabulary are in no n-gram.
 */
export function fitTfIdf(
  training: LabeledTexts,
  classes: number,
  { longestGram, strength = 1, minTexts = 2, mostGrams = 50_000, iterations = 100 }: TfIdfOptions,
): TfIdfClassifier {
  const count = countOf(training);
  const textsWith = new Map<number, number>();
  for (let row = 0; row < count; row++)
    for (const gram of new Set(gramsOf(textAt(training, row), longestGram)))
      textsWith.set(gram, (textsWith.get(gram) ?? 0) + 1);
  const grams = [...textsWith]
    .filter(([, texts]) => texts >= minTexts)
    .sort(([, a], [, b]) => b - a)
    .slice(0, mostGrams);
  const columns = new Map(grams.map(([gram], column) => [gram, column]));
  const weights = Float64Array.from(grams, ([, texts]) => Math.log((1 + count) / (1 + texts)) + 1);
  const vectorsOf = (texts: LabeledTexts): SparseRows => vectorsFor(texts, longestGram, columns, weights);
  const rows = vectorsOf(training);
  const point = new Float64Array((columns.size + 1) * classes);
  const probabilities = new Float64Array(count * classes);
  const objective = (at: Float64Array, gradient: Float64Array): number => {
    writeProbabilities(rows, at, classes, probabilities);
    let value = 0;
    // The bias, in the last row, is not penalized.
    for (let index = 0; index < columns.size * classes; index++) {
      value += at[index]! ** 2 / 2;
      gradient[index] = at[index]!;
    }
    for (let row = 0; row < count; row++) {
      const base = row * classes;
      const label = training.labels[row]!;
      value -= strength * Math.log(Math.max(probabilities[base + label]!, Number.MIN_VALUE));
      probabilities[base + label]! -= 1;
      for (let entry = rows.starts[row]!; entry < rows.starts[row + 1]!; entry++) {
        const scale = strength * rows.values[entry]!;
        const target = rows.columns[entry]! * classes;
        for (let each = 0; each < classes; each++) gradient[target + each]! += scale * probabilities[base + each]!;
      }
      const bias = columns.size * classes;
      for (let each = 0; each < classes; each++) gradient[bias + each]! += strength * probabilities[base + each]!;
    }
    return value;
  };
  minimize(objective, point, { iterations, tolerance: 1e-4 });
  return {
    predict(texts) {
      const result = new Float64Array(countOf(texts) * classes);
      writeProbabilities(vectorsOf(texts), point, classes, result);
      return result;
    },
  };
}

/** Numbers of the n-grams of a text, those with unknown words left out. */
function gramsOf(text: Int32Array, longestGram: number): number[] {
  const grams: number[] = [];
  for (const [place, symbol] of text.entries()) {
    if (symbol === UNKNOWN) continue;
    grams.push(symbol);
    const before = place > 0 && longestGram > 1 ? text[place - 1]! : UNKNOWN;
    if (before !== UNKNOWN) grams.push(before * SHIFT + symbol);
  }
  return grams;
}

function vectorsFor(
  texts: LabeledTexts,
  longestGram: number,
  columnOf: ReadonlyMap<number, number>,
  weights: Float64Array,
): SparseRows {
  const count = countOf(texts);
  const starts = new Int32Array(count + 1);
  const columns: number[] = [];
  const values: number[] = [];
  for (let row = 0; row < count; row++) {
    const counts = new Map<number, number>();
    for (const gram of gramsOf(textAt(texts, row), longestGram)) {
      const column = columnOf.get(gram);
      if (column !== undefined) counts.set(column, (counts.get(column) ?? 0) + weights[column]!);
    }
    let square = 0;
    for (const value of counts.values()) square += value ** 2;
    for (const [column, value] of counts) {
      columns.push(column);
      values.push(value / Math.sqrt(square));
    }
    starts[row + 1] = columns.length;
  }
  return { starts, columns: Int32Array.from(columns), values: Float64Array.from(values) };
}

/** Softmax of W x + b for each row. @param point [columns + 1, C], the bias last */
function writeProbabilities(rows: SparseRows, point: Float64Array, classes: number, output: Float64Array): void {
  const bias = point.length - classes;
  for (let row = 0; row + 1 < rows.starts.length; row++) {
    const base = row * classes;
    for (let each = 0; each < classes; each++) output[base + each] = point[bias + each]!;
    for (let entry = rows.starts[row]!; entry < rows.starts[row + 1]!; entry++) {
      const from = rows.columns[entry]! * classes;
      const value = rows.values[entry]!;
      for (let each = 0; each < classes; each++) output[base + each]! += value * point[from + each]!;
    }
    let highest = -Infinity;
    for (let each = 0; each < classes; each++) highest = Math.max(highest, output[base + each]!);
    let total = 0;
    for (let each = 0; each < classes; each++) total += output[base + each] = Math.exp(output[base + each]! - highest);
    for (let each = 0; each < classes; each++) output[base + each]! /= total;
  }
}
