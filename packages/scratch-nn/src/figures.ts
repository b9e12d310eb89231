import { confusionMatrix, type Figure, imageGrid } from '@motley/run/node';
import type { DataConfig } from './config.ts';
import type { Pictures } from './data.ts';
import { classify, confusionCounts, countMatches } from './evaluate.ts';
import type { Network } from './model.ts';
import { CLASSES } from './shapes.ts';

const EXAMPLES_PER_CLASS = 10;
const HARDEST_COUNT = 20;

/** All figures of a trained network, by file name. */
export async function drawFigures(network: Network, test: Pictures, data: DataConfig): Promise<Record<string, Figure>> {
  const { predicted, trueClassOutputs } = classify(network, test);
  const count = predicted.length;
  const filters = await filtersFigure(network);
  return {
    examples: await examplesFigure(test, `Test pictures, ${describeData(data)}`),
    'confusion-matrix': confusionMatrix({
      title: 'Classes of the test pictures',
      subtitle: `${countMatches(predicted, test.labels)} of ${count} right; ${describeData(data)}`,
      counts: confusionCounts(predicted, test.labels),
      classNames: CLASSES,
    }),
    hardest: await hardestFigure(test, predicted, trueClassOutputs),
    ...(filters && { filters }),
  };
}

/** `24 × 24, off-center, 5 % noise` */
export function describeData({ size, centered, noise }: DataConfig): string {
  const share = noise === 0 ? 'no noise' : `${Number((100 * noise).toPrecision(3))} % noise`;
  return `${size} × ${size}, ${centered ? 'centered' : 'off-center'}, ${share}`;
}

/** A row of pictures of each class. */
export function examplesFigure(pictures: Pictures, title: string): Promise<Figure> {
  const positions = CLASSES.flatMap((_, label) => {
    const own = [...pictures.labels.keys()].filter((index) => pictures.labels[index] === label);
    return own.slice(0, EXAMPLES_PER_CLASS);
  });
  const columns = Math.min(EXAMPLES_PER_CLASS, Math.ceil(positions.length / CLASSES.length));
  return gridOf(pictures, positions, { columns, title, rowLabels: CLASSES });
}

/** The pictures with the lowest output for their true class. */
function hardestFigure(test: Pictures, predicted: Uint8Array, trueClassOutputs: Float32Array): Promise<Figure> {
  const order = [...trueClassOutputs.keys()]
    .sort((a, b) => trueClassOutputs[a]! - trueClassOutputs[b]!)
    .slice(0, HARDEST_COUNT);
  const wrong = order.filter((index) => predicted[index] !== test.labels[index]).length;
  const title = `Hardest test pictures, ${wrong} of ${order.length} misclassified`;
  return gridOf(test, order, { columns: 10, title });
}

function gridOf(
  { images }: Pictures,
  positions: readonly number[],
  options: { readonly columns: number; readonly title: string; readonly rowLabels?: readonly string[] },
): Promise<Figure> {
  const [, height, width] = images.shape as [number, number, number];
  const values = new Float32Array(positions.length * height * width);
  for (const [row, position] of positions.entries()) {
    const start = images.offset + position * height * width;
    values.set(images.values.subarray(start, start + height * width), row * height * width);
  }
  return imageGrid({ images: values, shape: [positions.length, height, width, 1], scale: 3, ...options });
}

/** Filters of the first layer where it is a convolution: light pixels are positive weights, dark ones negative. */
async function filtersFigure(network: Network): Promise<Figure | undefined> {
  const weight = network.state.get('layers.0.weight');
  if (weight?.shape.length !== 4) return undefined;
  const [height, width, , filters] = weight.shape as [number, number, number, number];
  const pixels = height * width;
  let largest = 0;
  for (const value of weight.values) largest = Math.max(largest, Math.abs(value));
  const images = new Float32Array(filters * pixels);
  for (let filter = 0; filter < filters; filter++)
    for (let pixel = 0; pixel < pixels; pixel++)
      images[filter * pixels + pixel] = 0.5 + weight.values[pixel * filters + filter]! / (2 * largest);
  return imageGrid({ images, shape: [filters, height, width, 1], columns: 8, scale: 12, title: 'First filters' });
}
