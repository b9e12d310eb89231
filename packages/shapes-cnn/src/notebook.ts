import { escapeMarkup, type Figure, type MetricTable, page, section, table } from '@motley/run/node';
import type { ShapesConfig } from './config.ts';
import { QUANTITIES, type ControlledAccuracy, type Quantity } from './controls.ts';
import { testPicture } from './data.ts';
import type { Findings } from './figures.ts';
import { CLASS_NAMES } from './model.ts';

/** Content of the page besides the findings. */
export interface NotebookParts extends Findings {
  readonly figures: Readonly<Record<string, Figure>>;
  readonly baselines: MetricTable;
  readonly settings: ShapesConfig;
  readonly parameters: number;
}

/** HTML page for a reader who has not seen the code: the task, the training and the results. */
export function renderNotebook(parts: NotebookParts): string {
  return page('Ten shapes, each picture seen once', [
    taskSection(parts),
    learningSection(parts),
    resultSection(parts),
    hardestSection(parts),
    insideSection(parts),
    limitsSection(parts),
  ]);
}

function taskSection({ settings, figures }: NotebookParts): string {
  const { imageSize, diameters, maxNoise, minContrast } = settings.data;
  const share = (value: number): string => `${(100 * value).toFixed(0)} %`;
  return section(
    'The task',
    prose(
      `A picture of ${imageSize} × ${imageSize} pixels shows one of ten shapes. Which one? Its color, size (${share(diameters[0]!)} to ${share(diameters[1]!)} of the picture's side), place, angle and thickness are random; areas are filled or outlined. The background has one color, or two that blend into one another. Every pixel has some noise (up to ${share(maxNoise)} of white). The shape's color differs from its background by at least ${share(minContrast)} of the way from black to white.`,
      'No picture is stored. A generator draws each one when the network asks for it, and it is thrown away after one look. So the network cannot learn any picture by heart.',
    ) + picture(figures, 'examples', 'Eight test pictures of each class.'),
  );
}

function learningSection({ settings, figures, records, parameters }: NotebookParts): string {
  const { batchSize } = settings.training;
  const { curriculumImages } = settings.data;
  const last = records.reduce((step, record) => Math.max(step, record.step), 0);
  const waiting = records.findLast(({ metrics }) => metrics.waitShare !== undefined)?.metrics.waitShare;
  return section(
    'Learning',
    prose(
      `The network has ${parameters.toLocaleString('en')} numbers that it adjusts. It saw ${(last * batchSize).toLocaleString('en')} pictures, ${batchSize} at a time; after each ${batchSize} all its numbers were changed a little, so as to reduce its error. The first ${curriculumImages.toLocaleString('en')} pictures went from large, clear shapes to shapes of every difficulty. The curve shows the share of pictures that it got wrong. On its axis, each line down is ten times better.`,
      ...(waiting === undefined
        ? []
        : [
            `Other threads of the computer drew the pictures meanwhile. The network waited for them ${(100 * waiting).toFixed(1)} % of the time.`,
          ]),
    ) +
      picture(
        figures,
        'learning-curve',
        'Validation pictures have every difficulty from the start, training pictures are easy at first. No picture was shown twice.',
      ),
  );
}

function resultSection({ evaluation, baselines, figures }: NotebookParts): string {
  const { accuracy, accuracyLow, accuracyHigh, errors, images } = evaluation.metrics;
  const percent = (value: number | null | undefined): string => (value == null ? '' : `${(100 * value).toFixed(2)} %`);
  const rows = [
    ['the network', percent(accuracy), `${percent(accuracyLow)} to ${percent(accuracyHigh)}`],
    ['the class whose mean picture is nearest', percent(baselines.classMeans?.accuracy), ''],
    ['guessing', percent(baselines.chance?.accuracy), ''],
  ];
  return section(
    'How well it does',
    prose(
      `Asked about ${images!.toLocaleString('en')} new pictures, it was wrong about ${errors!.toLocaleString('en')}. In 95 of 100 such tests the interval contains the true accuracy. Comparing pixels without a network is hardly better than guessing, as a shape can be anywhere and of any color.`,
    ) +
      table(['', 'accuracy', '95 % interval'], rows) +
      picture(figures, 'confusion-matrix', 'Each row is a true class, each column a predicted class.'),
  );
}

function hardestSection({ settings, evaluation, figures }: NotebookParts): string {
  const wrong = Array.from(evaluation.labels.keys()).filter(
    (place) => evaluation.labels[place] !== evaluation.predictions[place],
  );
  const mistaken = wrong.map((place) => testPicture(settings, place));
  const all = Array.from({ length: Math.min(1000, evaluation.labels.length) }, (_, place) =>
    testPicture(settings, place),
  );
  const meanOf = (shapes: typeof all, value: (shape: (typeof all)[number]) => number): string =>
    (shapes.reduce((sum, shape) => sum + value(shape), 0) / Math.max(1, shapes.length)).toFixed(2);
  const rows = [
    ['size (share of the picture)', (shape: (typeof all)[number]) => shape.size / settings.data.imageSize] as const,
    ['thickness (pixels)', (shape: (typeof all)[number]) => shape.thickness] as const,
    ['contrast', (shape: (typeof all)[number]) => shape.contrast] as const,
    ['noise', (shape: (typeof all)[number]) => shape.noise] as const,
  ].map(([name, value]) => [name, meanOf(all, value), meanOf(mistaken, value)]);
  const pairs = commonestMistakes(evaluation.labels, evaluation.predictions);
  return section(
    'Where it is wrong',
    prose(
      wrong.length === 0
        ? 'It made no mistake in this test. The pictures that it was least sure of follow.'
        : `${pairs} Some pictures are harder than others: the table compares means over all pictures with means over the mistakes.`,
    ) +
      (wrong.length === 0 ? '' : table(['mean', 'all pictures', 'mistakes'], rows)) +
      picture(
        figures,
        'hardest-pictures',
        'The hardest pictures: the true class, the predicted class and its probability. Green pictures were classified correctly.',
      ),
  );
}

function commonestMistakes(labels: Uint8Array, predictions: Uint8Array): string {
  const counts = new Map<string, number>();
  for (const [place, label] of labels.entries()) {
    const predicted = predictions[place]!;
    if (predicted === label) continue;
    const pair = `a ${CLASS_NAMES[label]!} for a ${CLASS_NAMES[predicted]!}`;
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  const most = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 3);
  return `Most often it took ${most.map(([pair, count]) => `${pair} (${count} times)`).join(', ')}.`;
}

function insideSection({ figures }: NotebookParts): string {
  return section(
    'What it looks at',
    prose(
      'The first layer slides small filters of 3 × 3 pixels over the picture; each responds where it finds its pattern. Gray has no effect. A filter that is light on one side and dark on the other responds to edges; a filter of one color responds to that color.',
    ) +
      picture(figures, 'filters', 'Each filter in the colors that it responds to, scaled to the full range.') +
      prose(
        'The responses of the last layer can be laid over the picture: red marks evidence for a class. The map is exact: its mean, plus a constant, is the score of the class.',
      ) +
      picture(
        figures,
        'class-activation-maps',
        'A picture of each class, the evidence for its class, and the evidence for the class in second place, on the same scale.',
      ),
  );
}

function limitsSection({ figures, controls }: NotebookParts): string {
  return section(
    'Where it fails',
    prose(
      'All pictures of a point share one property and are random in all others. Some points lie outside the range of the training. The band is the 95 % interval of each point.',
      ...QUANTITIES.flatMap((quantity) => accuracyRange(controls, quantity)),
    ) +
      `<div class="pictures">${QUANTITIES.map((quantity) =>
        picture(figures, `accuracy-against-${quantity}`, `Accuracy against ${quantity}.`),
      ).join('')}</div>`,
  );
}

/** A sentence with the best and the worst accuracy against a quantity. */
function accuracyRange(controls: readonly ControlledAccuracy[], quantity: Quantity): string[] {
  const found = controls.filter((each) => each.quantity === quantity);
  const worst = found.toSorted((a, b) => a.accuracy - b.accuracy)[0];
  const best = found.toSorted((a, b) => b.accuracy - a.accuracy)[0];
  if (worst === undefined || best === undefined) return [];
  const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
  return [
    `By ${quantity}: ${percent(best.accuracy)} at ${best.value.toFixed(2)}, ${percent(worst.accuracy)} at ${worst.value.toFixed(2)}${worst.wasTrainedOn ? '' : ', which the training never showed'}.`,
  ];
}

function prose(...paragraphs: readonly string[]): string {
  return paragraphs.map((text) => `<p>${escapeMarkup(text)}</p>`).join('');
}

function picture(figures: NotebookParts['figures'], name: string, caption: string): string {
  const figure = figures[name];
  if (figure === undefined) return '';
  const source = `data:image/png;base64,${Buffer.from(figure.png).toString('base64')}`;
  return `<figure><img alt="${escapeMarkup(caption)}" src="${source}"><figcaption>${escapeMarkup(caption)}</figcaption></figure>`;
}
