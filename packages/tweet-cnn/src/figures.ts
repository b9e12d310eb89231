import { confusionMatrix, type Figure, heatMap, lineChart, scatterChart } from '@motley/run/node';
import { metricsOf, optimalProbabilities } from './evaluate.ts';
import { evidenceFor, evidenceOfWords } from './evidence.ts';
import { countOf, type LabeledTexts, type TextData, textAt } from './labeled-texts.ts';
import type { TextCnn } from './model.ts';
import { gramTable } from './ngram-table.ts';
import { predict } from './predict.ts';

const MOST_CLASSES_IN_A_MATRIX = 20;
const TEXTS_DRAWN = 6;
/** Texts behind the table of n-grams. */
const TEXTS_IN_TABLE = 800;
const GRAMS_PER_CLASS = 6;
/** Words on a line of a drawn text. */
const WORDS_PER_LINE = 11;
const MOST_LINES = 5;
const BINS = 10;
const POINTS_DRAWN = 1500;

/** Figures of a trained model on the test texts, by file name. */
export async function drawFigures(model: TextCnn, data: TextData): Promise<Record<string, Figure>> {
  const { test, labels, parties } = data;
  const probabilities = await predict(model, test.symbols, data.length);
  const predicted = likeliest(probabilities, labels.classNames.length);
  const wrong = predicted.flatMap((label, row) => (label === test.labels[row] ? [] : [row]));
  const nats = (row: number): number => -Math.log(probabilities[row * labels.classNames.length + test.labels[row]!]!);
  const worst = wrong.sort((a, b) => nats(b) - nats(a));
  const right = predicted.flatMap((label, row) => (label === test.labels[row] ? [row] : []));
  return {
    ...(labels.classNames.length <= MOST_CLASSES_IN_A_MATRIX && {
      confusion: confusion('Test texts', predicted, test.labels, labels.classNames),
    }),
    ...(parties !== undefined && {
      'confusion-of-parties': confusion(
        'Parties of the test texts',
        predicted.map((label) => parties.ofClass[label]!),
        test.labels.map((label) => parties.ofClass[label]!),
        parties.names,
      ),
    }),
    calibration: calibration(probabilities, data),
    ...(data.optimum !== undefined && { posterior: againstPosterior(probabilities, data) }),
    'class-n-grams': await gramFigure(model, test, predicted),
    ...(right.length > 0 && {
      evidence: await textFigure(model, test, right, predicted, 'What decided: evidence of each word for the class'),
    }),
    ...(worst.length > 0 && {
      'worst-texts': await textFigure(model, test, worst, predicted, 'Worst texts: evidence for the predicted class'),
    }),
  };
}

function likeliest(probabilities: Float32Array, classes: number): number[] {
  return Array.from({ length: probabilities.length / classes }, (_, row) => {
    const own = probabilities.subarray(row * classes, (row + 1) * classes);
    return own.reduce((highest, value, label) => (value > own[highest]! ? label : highest), 0);
  });
}

function confusion(
  title: string,
  predicted: readonly number[],
  labels: Int32Array,
  classNames: readonly string[],
): Figure {
  const counts = new Float64Array(classNames.length ** 2);
  for (const [row, label] of predicted.entries()) counts[labels[row]! * classNames.length + label]!++;
  return confusionMatrix({ title, counts, classNames });
}

/** Share of right answers against the probability of the answer, for the network and the exact posterior. */
function calibration(probabilities: ArrayLike<number>, data: TextData): Figure {
  const optimal = optimalProbabilities(data, data.test);
  const lineOf = (name: string, values: ArrayLike<number>) => ({ name, points: reliability(values, data) });
  const { calibrationError } = metricsOf(probabilities, data, data.test);
  return lineChart({
    title: 'Calibration on test texts',
    subtitle: `mean difference of probability and share: ${(100 * calibrationError!).toFixed(1)} points`,
    xName: 'probability of the answer',
    yName: 'share of right answers',
    lines: [
      lineOf('network', probabilities),
      ...(optimal === undefined ? [] : [lineOf('exact posterior', optimal)]),
      {
        name: 'calibrated',
        dashed: true,
        points: [
          [0, 0],
          [1, 1],
        ],
      },
    ],
    width: 620,
    height: 520,
  });
}

function reliability(probabilities: ArrayLike<number>, { labels, test }: TextData): [number, number][] {
  const classes = labels.classNames.length;
  const bins = Array.from({ length: BINS }, () => ({ sure: 0, right: 0, count: 0 }));
  for (const [row, label] of test.labels.entries()) {
    const own = Array.from({ length: classes }, (_, each) => probabilities[row * classes + each]!);
    const best = own.reduce((highest, value, each) => (value > own[highest]! ? each : highest), 0);
    const bin = bins[Math.min(BINS - 1, Math.floor(own[best]! * BINS))]!;
    bin.sure += own[best]!;
    bin.right += Number(best === label);
    bin.count++;
  }
  return bins.filter(({ count }) => count > 0).map(({ sure, right, count }) => [sure / count, right / count]);
}

/** Probability of the true class by the network against that by the exact posterior. */
function againstPosterior(probabilities: ArrayLike<number>, data: TextData): Figure {
  const { test, labels } = data;
  const optimal = optimalProbabilities(data, test)!;
  const rows = Array.from({ length: Math.min(POINTS_DRAWN, countOf(test)) }, (_, row) => row);
  const ofLabel = (values: ArrayLike<number>) =>
    rows.map((row) => values[row * labels.classNames.length + test.labels[row]!]!);
  return scatterChart({
    title: 'Probability of the true class',
    subtitle: 'exact where points lie on the diagonal',
    xName: 'exact posterior',
    yName: 'network',
    x: ofLabel(optimal),
    y: ofLabel(probabilities),
    categories: rows.map(() => 0),
    categoryNames: ['test text'],
    width: 560,
    height: 560,
  });
}

/** The n-grams that decided, a row for each class. */
async function gramFigure(model: TextCnn, texts: LabeledTexts, predicted: readonly number[]): Promise<Figure> {
  const table = await gramTable(model, texts, predicted.slice(0, TEXTS_IN_TABLE), GRAMS_PER_CLASS);
  const { classNames } = model.labels;
  const cells = table.flatMap((grams) => Array.from({ length: GRAMS_PER_CLASS }, (_, rank) => grams[rank]));
  return heatMap({
    title: 'The n-grams that decided for each class',
    subtitle: `sum of their evidence over the first ${Math.min(TEXTS_IN_TABLE, countOf(texts))} test texts`,
    xName: 'rank',
    yName: '',
    values: cells.map((cell) => cell?.evidence ?? NaN),
    xLabels: Array.from({ length: GRAMS_PER_CLASS }, (_, rank) => String(rank + 1)),
    yLabels: classNames,
    cellLabels: cells.map((cell) => cell?.gram ?? ''),
    width: 200 + 190 * GRAMS_PER_CLASS,
    height: 140 + 24 * classNames.length,
  });
}

/** Texts word by word, colored by what each word says for the predicted class. */
async function textFigure(
  model: TextCnn,
  texts: LabeledTexts,
  rows: readonly number[],
  predicted: readonly number[],
  title: string,
): Promise<Figure> {
  const { vocabulary, classNames } = model.labels;
  const lines: { readonly name: string; readonly words: readonly string[]; readonly values: readonly number[] }[] = [];
  for (const row of rows.slice(0, TEXTS_DRAWN)) {
    const text = textAt(texts, row);
    if (text.length === 0) continue;
    const label = predicted[row]!;
    const values = evidenceOfWords(await evidenceFor(model, text, label), text.length);
    const words = Array.from(text, (symbol) => vocabulary.words[symbol]!);
    const actual = texts.labels[row]!;
    const names = label === actual ? [classNames[label]!] : [`${classNames[label]!} for`, classNames[actual]!];
    for (let line = 0; line < MOST_LINES && line * WORDS_PER_LINE < words.length; line++) {
      const [first, end] = [line * WORDS_PER_LINE, (line + 1) * WORDS_PER_LINE];
      lines.push({ name: names[line] ?? '', words: words.slice(first, end), values: [...values.slice(first, end)] });
    }
    lines.push({ name: '', words: [], values: [] });
  }
  const cells = lines.flatMap(({ words, values }) =>
    Array.from({ length: WORDS_PER_LINE }, (_, place) => ({ word: words[place] ?? '', value: values[place] ?? NaN })),
  );
  return heatMap({
    title,
    xName: '',
    yName: '',
    values: cells.map(({ value }) => Number(value.toFixed(3))),
    xLabels: new Array<string>(WORDS_PER_LINE).fill(''),
    yLabels: lines.map(({ name }) => name),
    cellLabels: cells.map(({ word }) => word),
    width: 260 + 92 * WORDS_PER_LINE,
    height: 130 + 22 * lines.length,
  });
}
