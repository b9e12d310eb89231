import {
  constantSchedule,
  copyArrays,
  defineConfig,
  NetworkLearner,
  runTraining,
  type NamedArrays,
  type TrainableNetwork,
} from '@motley/run';
import { runCommandLine } from '@motley/run/node';
import { z } from 'zod';

type Point = readonly [x: number, y: number];

class Line implements TrainableNetwork<Point> {
  readonly #values = new Float64Array(2); // slope, intercept
  readonly #learningRate: number;

  constructor(learningRate: number) {
    this.#learningRate = learningRate;
  }

  error([x, y]: Point): number {
    return this.#values[0]! * x + this.#values[1]! - y;
  }

  update(point: Point) {
    const error = this.error(point);
    this.#values[0]! -= this.#learningRate * 2 * error * point[0];
    this.#values[1]! -= this.#learningRate * 2 * error;
    return { examples: 1, terms: { loss: error ** 2 } };
  }

  parameterCount = () => 2;
  weights = (): NamedArrays => ({ line: { shape: [2], values: this.#values } });
  slots = (): NamedArrays => ({}); // momentum, for instance
  loadWeights(weights: NamedArrays) {
    copyArrays(this.weights(), weights, 'weights');
  }
  loadSlots(slots: NamedArrays) {
    copyArrays(this.slots(), slots, 'optimizer');
  }
}

const config = defineConfig(
  z.strictObject({
    training: z.strictObject({
      epochs: z.int().min(1).default(30).describe('enough to converge'),
      learningRate: z.number().positive().default(0.1).describe('stable for inputs up to 1'),
    }),
  }),
  { fast: { training: { epochs: 5 } } },
);

const meanLoss = (points: readonly Point[], errorOf: (point: Point) => number) => ({
  loss: points.reduce((sum, point) => sum + errorOf(point) ** 2, 0) / points.length,
});

process.exitCode = await runCommandLine({
  system: 'line',
  description: 'Fits a line to points.',
  precision: 'float64',
  config,
  load: () => [0, 0.25, 0.5, 0.75, 1].map((x): Point => [x, 3 * x - 1]),
  restore({ config: { training }, weights }) {
    const model = new Line(training.learningRate);
    model.loadWeights(weights);
    return model;
  },
  baselines: (points) => ({ zero: meanLoss(points, ([, y]) => y) }),
  train: {
    async run({ config: { training }, data: points, ...context }) {
      const model = new Line(training.learningRate);
      const result = await runTraining(new NetworkLearner(model), training, {
        ...context, // listeners, signal, and the checkpoint of --resume
        batches: { batchesPerEpoch: points.length, batches: (_epoch, first = 0) => points.slice(first) },
        schedule: constantSchedule(training.learningRate),
        validate: () => Promise.resolve(meanLoss(points, (point) => model.error(point))),
      });
      return { model, result };
    },
  },
  commands: {
    evaluate: ({ data: points, model }) => ({
      metrics: { test: meanLoss(points, (point) => model.error(point)) },
    }),
  },
});
