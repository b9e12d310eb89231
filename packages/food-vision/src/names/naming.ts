/**
 * Names for pictures of what no picture was trained on: a classifier's classes and the user's labels are texts, and
 * meet in the space of a sentence encoder.
 *
 * N pictures, V classes of the classifier, K concepts (the classes and what they are kinds of), L labels, D features of
 * the sentence encoder.
 */
import type { Concept } from './concepts.ts';
import type { Vectors } from './text-vectors.ts';

/** How concepts become labels. */
export interface NamingOptions {
  /** Similarity by which the evidence of a concept for a label falls to 1 / e. */
  readonly temperature: number;
  /** Power of a concept's weight: 0 counts `animal` like `tench`, a large one counts classes alone. */
  readonly specificity: number;
  /** Labels that say nothing against which all compete: with many, a concept close to no label counts little. */
  readonly background: number;
  /** Evidence of "none of these" for each label, as a share of what a label has that says nothing; 0 leaves it out. */
  readonly none: number;
}

/** Chosen on photographs of 301 things; `docs/results.md` has other values. */
export const namingDefaults: NamingOptions = { temperature: 0.08, specificity: 4, background: 100, none: 1 };

/** Classes with the highest probability that ConSE uses. */
const CONSE_CLASSES = 10;

/** x · y of rows of two tables: [K, D] and [L, D] → [K, L]. */
export function similarities(rows: Vectors, columns: Vectors): Float32Array {
  const { width } = rows;
  const products = new Float32Array(rows.count * columns.count);
  for (let row = 0; row < rows.count; row++)
    for (let column = 0; column < columns.count; column++) {
      let sum = 0;
      for (let at = 0; at < width; at++) sum += rows.values[row * width + at]! * columns.values[column * width + at]!;
      products[row * columns.count + column] = sum;
    }
  return products;
}

/** The mean of the first `count` rows. */
export function meanOf({ values, width }: Vectors, count: number): Float64Array {
  const mean = new Float64Array(width);
  for (let place = 0; place < count * width; place++) mean[place % width]! += values[place]! / count;
  return mean;
}

/**
 * Vectors without what all have in common, at length 1: else some texts are close to all others (hubs; Suzuki et al.,
 * "Centering similarity measures to reduce hubs", EMNLP 2013).
 */
export function centered({ values, count, width }: Vectors, mean: Float64Array): Vectors {
  const result = values.map((value, place) => value - mean[place % width]!);
  return { values: normalized(result, width), count, width };
}

/** Means of several tables of vectors of the same things, at length 1: an ensemble of prompts. */
export function ensemble(tables: readonly Vectors[]): Vectors {
  const [first] = tables;
  if (first === undefined) throw new RangeError('ensemble: expected a table of vectors or more, got none');
  const sum = new Float32Array(first.values.length);
  for (const { values } of tables) for (const [place, value] of values.entries()) sum[place]! += value;
  return { values: normalized(sum, first.width), count: first.count, width: first.width };
}

function normalized(values: Float32Array, width: number): Float32Array {
  for (let start = 0; start < values.length; start += width) {
    const row = values.subarray(start, start + width);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)) || 1;
    for (const [place, value] of row.entries()) row[place] = value / length;
  }
  return values;
}

/**
 * ConSE (Norouzi et al., "Zero-shot learning by convex combination of semantic embeddings", ICLR 2014, arXiv
 * 1312.5650): f(x) = Σ p(v | x) s(v) over the ten most probable classes, and cos(f(x), s(l)) for each label.
 * @param probabilities [N, V]
 * @returns similarities [N, L]
 */
export function conse(probabilities: Float32Array, classes: Vectors, labels: Vectors): Float32Array {
  const { count, width } = classes;
  const pictures = probabilities.length / count;
  const values = new Float32Array(pictures * width);
  for (let picture = 0; picture < pictures; picture++) {
    const shares = probabilities.subarray(picture * count, (picture + 1) * count);
    const best = Array.from(shares.keys()).sort((a, b) => shares[b]! - shares[a]!);
    for (const place of best.slice(0, CONSE_CLASSES))
      for (let at = 0; at < width; at++)
        values[picture * width + at]! += shares[place]! * classes.values[place * width + at]!;
  }
  return similarities({ values: normalized(values, width), count: pictures, width }, labels);
}

/**
 * Shares of the concepts in pictures: q(k | x) ∝ wₖ Σ p(v | x) over the classes v below k, with
 * wₖ = (1 - log nₖ / log V)^specificity for nₖ classes: the more a concept includes, the less it says (Resnik, "Using
 * information content to evaluate semantic similarity", IJCAI 1995).
 * @param probabilities [N, V]
 * @returns [N, K], each row summing to 1
 */
export function conceptShares(
  probabilities: Float32Array,
  classCount: number,
  concepts: readonly Concept[],
  { specificity }: Pick<NamingOptions, 'specificity'>,
): Float32Array {
  const pictures = probabilities.length / classCount;
  const shares = new Float32Array(pictures * concepts.length);
  const weights = concepts.map(({ classes }) => (1 - Math.log(classes.length) / Math.log(classCount)) ** specificity);
  for (let picture = 0; picture < pictures; picture++) {
    const row = shares.subarray(picture * concepts.length, (picture + 1) * concepts.length);
    for (const [place, { classes }] of concepts.entries())
      row[place] =
        weights[place]! * classes.reduce((sum, label) => sum + probabilities[picture * classCount + label]!, 0);
    const total = row.reduce((sum, share) => sum + share, 0);
    for (const [place, share] of row.entries()) row[place] = share / total;
  }
  return shares;
}

/**
 * Evidence of concepts for labels, by the inverted softmax (Smith et al., "Offline bilingual word vectors, orthogonal
 * transformations and the inverted softmax", ICLR 2017, arXiv 1702.03859). Each label has one unit of evidence for all
 * concepts, e(k, l) = exp(s / τ) / Σₖ exp(s / τ), so that a label close to everything gains nothing by it. Then each
 * concept divides what it has among the labels and a background: e(k, l) / (Σₗ e(k, l) + β / K). "None of these" has the
 * evidence of labels that say nothing, which is 1 / K.
 * @param similarity [K, L]
 * @returns [K, L + 1], the last column for none of these
 */
export function evidenceOf(
  similarity: Float32Array,
  labelCount: number,
  { temperature, background, none }: Pick<NamingOptions, 'temperature' | 'background' | 'none'>,
): Float32Array {
  const conceptCount = similarity.length / labelCount;
  const totals = new Float64Array(labelCount);
  for (const [place, value] of similarity.entries()) totals[place % labelCount]! += Math.exp(value / temperature);
  const result = new Float32Array(conceptCount * (labelCount + 1));
  for (let concept = 0; concept < conceptCount; concept++) {
    const row = result.subarray(concept * (labelCount + 1), (concept + 1) * (labelCount + 1));
    for (let label = 0; label < labelCount; label++)
      row[label] = Math.exp(similarity[concept * labelCount + label]! / temperature) / totals[label]!;
    const total = row.reduce((sum, value) => sum + value, background / conceptCount);
    row[labelCount] = (none * labelCount) / conceptCount;
    for (const [place, value] of row.entries()) row[place] = value / total;
  }
  return result;
}

/**
 * p(l | x) ∝ Σₖ q(k | x) e(k, l).
 * @param shares q, [N, K]
 * @param evidence [K, M], of `evidenceOf`
 * @returns [N, M], each row summing to 1
 */
export function nameProbabilities(shares: Float32Array, evidence: Float32Array, conceptCount: number): Float32Array {
  const width = evidence.length / conceptCount;
  const pictures = shares.length / conceptCount;
  const result = new Float32Array(pictures * width);
  for (let picture = 0; picture < pictures; picture++) {
    const row = result.subarray(picture * width, (picture + 1) * width);
    for (let concept = 0; concept < conceptCount; concept++) {
      const share = shares[picture * conceptCount + concept]!;
      for (let label = 0; label < width; label++) row[label]! += share * evidence[concept * width + label]!;
    }
    const total = row.reduce((sum, value) => sum + value, 0);
    for (const [label, value] of row.entries()) row[label] = value / total;
  }
  return result;
}
