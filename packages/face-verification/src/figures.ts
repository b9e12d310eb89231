import { FACE_DIMENSIONS, VerificationBound } from '@motley/core/generators';
import { type Figure, imageGrid, type Line, lineChart, scatterChart } from '@motley/run/node';
import type { FaceData } from './data.ts';
import type { Evaluation } from './evaluate.ts';
import { MIN_POINTS, tsne } from './projection.ts';
import { type FacePictures, squareAt } from './sources/people.ts';
import { normalQuantile } from './verification/normal-quantile.ts';
import { cosineOf, type PictureVectors } from './verification/pairs.ts';

/** People whose embeddings are drawn: as many as colors can be told apart. */
const SHOWN_PEOPLE = 10;
const SHOWN_PAIRS = 6;
/** Smallest share of a curve's axes. */
const LEAST = 1e-4;
const POINTS = 200;

type Rates = Readonly<Record<'trueAccepts' | 'falseAccepts', number>>;

/** Figures of a trained model by file name, on the test pictures. */
export async function drawFigures(data: FaceData, evaluation: Evaluation): Promise<Record<string, Figure>> {
  const { test, deviation } = data;
  const bound = deviation === undefined ? undefined : boundPoints(deviation);
  const curves = [
    { name: 'network', points: evaluation.roc.points },
    ...(bound === undefined ? [] : [{ name: 'best possible', points: bound, dashed: true }]),
  ];
  const shown = firstPeople(evaluation.embeddings, SHOWN_PEOPLE);
  return {
    roc: rocChart(curves),
    det: detChart(curves),
    'score-distribution': scoreChart(evaluation),
    ...(shown.people.length >= MIN_POINTS && { embeddings: await embeddingChart(shown, test.names) }),
    'confused-people': await extremePairs(test, evaluation, 'different'),
    'missed-people': await extremePairs(test, evaluation, 'same'),
  };
}

type Curve = Omit<Line, 'points'> & { readonly points: readonly Rates[] };

/** The generator's bound from its strictest to its loosest threshold. */
function boundPoints(deviation: number): Rates[] {
  const bound = new VerificationBound(deviation, FACE_DIMENSIONS);
  return Array.from({ length: POINTS }, (_, place) => bound.ratesAt(25 - (place * 50) / POINTS));
}

function rocChart(curves: readonly Curve[]): Figure {
  return lineChart({
    title: 'True accepts by false accepts',
    subtitle: 'all pairs of the test pictures',
    xName: 'false accept rate (power of ten)',
    yName: 'true accept rate',
    lines: curves.map(({ points, ...line }) => ({
      ...line,
      points: points
        .filter(({ falseAccepts }) => falseAccepts >= LEAST)
        .map(({ falseAccepts, trueAccepts }) => [Math.log10(falseAccepts), trueAccepts] as const),
    })),
  });
}

/** Detection error trade-off (Martin et al., Eurospeech 1997): scores with normal distributions give straight lines. */
function detChart(curves: readonly Curve[]): Figure {
  const isInside = (share: number) => share > LEAST && share < 1 - LEAST;
  return lineChart({
    title: 'Detection error trade-off',
    subtitle: 'both axes in quantiles of the normal distribution: −2.33 is 1 %, −1.28 is 10 %',
    xName: 'false accept rate (normal quantile)',
    yName: 'false reject rate (normal quantile)',
    lines: curves.map(({ points, ...line }) => ({
      ...line,
      points: points
        .filter(({ falseAccepts, trueAccepts }) => isInside(falseAccepts) && isInside(1 - trueAccepts))
        .map(
          ({ falseAccepts, trueAccepts }) => [normalQuantile(falseAccepts), normalQuantile(1 - trueAccepts)] as const,
        ),
    })),
  });
}

/** Shares of scores in bins, of both kinds of pairs. */
function scoreChart({ pairs, threshold }: Evaluation): Figure {
  const bins = 60;
  const sharesOf = (scores: Float32Array) => {
    const counts = new Float64Array(bins);
    for (const score of scores) counts[Math.min(bins - 1, Math.max(0, Math.floor(((score + 1) / 2) * bins)))]!++;
    return Array.from(counts, (count, bin) => [((bin + 0.5) / bins) * 2 - 1, count / scores.length] as const);
  };
  return lineChart({
    title: 'Scores of pairs',
    subtitle: `threshold ${threshold.toFixed(3)}, set by people who are not in the test`,
    xName: 'cosine',
    yName: 'share of the pairs',
    lines: [
      { name: 'one person', points: sharesOf(pairs.same) },
      { name: 'two people', points: sharesOf(pairs.different) },
    ],
  });
}

function firstPeople({ values, width, people }: PictureVectors, count: number): PictureVectors {
  const places = Array.from(people.keys()).filter((place) => people[place]! < count);
  return {
    values: Float32Array.from(
      places.flatMap((place) => Array.from(values.subarray(place * width, (place + 1) * width))),
    ),
    width,
    people: Int32Array.from(places, (place) => people[place]!),
  };
}

async function embeddingChart(shown: PictureVectors, names: readonly string[]): Promise<Figure> {
  const plane = await tsne(shown);
  return scatterChart({
    title: 'Embeddings of unseen people, by t-SNE',
    subtitle: 'a point is a picture; distances between groups mean little',
    xName: 't-SNE 1',
    yName: 't-SNE 2',
    ...plane,
    categories: shown.people,
    categoryNames: names.slice(0, SHOWN_PEOPLE),
  });
}

/** The pairs of two people with the highest scores, of pairs of people each once, or of one person with the lowest. */
async function extremePairs(
  test: FacePictures,
  { embeddings }: Evaluation,
  kind: 'same' | 'different',
): Promise<Figure> {
  const { people, size } = test;
  const score = cosineOf(embeddings);
  const worst = new Map<string, { readonly value: number; readonly pair: readonly [number, number] }>();
  for (let first = 0; first < people.length; first++)
    for (let second = first + 1; second < people.length; second++) {
      if ((people[first] === people[second]) !== (kind === 'same')) continue;
      const value = kind === 'same' ? -score(first, second) : score(first, second);
      const key = `${people[first]!} ${people[second]!}`;
      if (value > (worst.get(key)?.value ?? -Infinity)) worst.set(key, { value, pair: [first, second] });
    }
  const chosen = [...worst.values()].sort((a, b) => b.value - a.value).slice(0, SHOWN_PAIRS);
  const images = new Uint8Array(2 * chosen.length * size * size * 3);
  for (const [column, { pair }] of chosen.entries())
    for (const [row, place] of pair.entries())
      images.set(squareAt(test, place), (row * chosen.length + column) * size * size * 3);
  return imageGrid({
    images,
    shape: [2 * chosen.length, size, size, 3],
    columns: chosen.length,
    scale: 2,
    title: kind === 'same' ? 'One person, taken for two: lowest scores' : 'Two people, taken for one: highest scores',
    rowLabels: ['first', 'second'],
    columnLabels: chosen.map(({ value }) => Math.abs(value).toFixed(2)),
  });
}
