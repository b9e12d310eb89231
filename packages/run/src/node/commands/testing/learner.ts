import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { copyArrays, type NamedArrays } from '../../../checkpoint/arrays.ts';
import { defineConfig } from '../../../config/config.ts';
import { UserError } from '../../../config/errors.ts';
import { NetworkLearner, type TrainableNetwork } from '../../../loop/network-learner.ts';
import { runTraining } from '../../../loop/run-training.ts';
import { parseTrainingState } from '../../../loop/training-state.ts';
import { constantSchedule } from '../../../schedules/schedules.ts';
import { runCommandLine } from '../run-command-line.ts';

/** System with one weight that learns to be 3, for the tests of the command kit. Ten steps per epoch. */
const STEPS_PER_EPOCH = 10;

const config = defineConfig(
  z.strictObject({
    target: z.number().default(3).describe('any number'),
    training: z.strictObject({
      epochs: z.int().min(1).default(3).describe('enough for one weight'),
      steps: z.int().min(1).nullable().default(null).describe('as many as the epochs have'),
      batchSize: z.int().min(1).default(1).describe('there are no data'),
      learningRate: z.number().positive().default(0.1).describe('below 1, where it would diverge'),
      seed: z.int().min(0).default(0).describe('nothing is random'),
      overfitOneBatch: z.boolean().default(false).describe('all batches are the same'),
    }),
  }),
  { presets: { far: { description: 'a target far away', config: { target: 30 } } }, fast: { training: { epochs: 1 } } },
);

class Weight implements TrainableNetwork<number> {
  readonly #values = new Float64Array(1);
  readonly #learningRate: number;

  constructor(learningRate: number) {
    this.#learningRate = learningRate;
  }

  loss(target: number): number {
    return (this.#values[0]! - target) ** 2;
  }

  update(target: number): ReturnType<TrainableNetwork<number>['update']> {
    const loss = this.loss(target);
    this.#values[0]! -= 2 * this.#learningRate * (this.#values[0]! - target);
    return { examples: 1, terms: { loss } };
  }

  parameterCount(): number {
    return 1;
  }

  weights(): NamedArrays {
    return { weight: { shape: [], values: this.#values } };
  }

  slots(): NamedArrays {
    return {};
  }

  loadWeights(weights: NamedArrays): void {
    copyArrays(this.weights(), weights, 'weights');
  }

  loadSlots(slots: NamedArrays): void {
    copyArrays(this.slots(), slots, 'optimizer');
  }
}

export const runLearner = (argv: readonly string[]): Promise<number> =>
  runCommandLine(
    {
      system: 'learner',
      description: 'Learns one number.',
      precision: 'float64',
      config,
      // Its data are the number to learn.
      async load({ config: { target }, dataPath }) {
        if (dataPath === undefined) return target;
        if (!existsSync(dataPath)) throw new UserError(`${dataPath}: expected data, found none`);
        return Number(await readFile(dataPath, 'utf8'));
      },
      restore({ config: { training }, weights }) {
        const model = new Weight(training.learningRate);
        model.loadWeights(weights);
        return model;
      },
      baselines: (target) => ({ zero: { loss: target ** 2 } }),
      train: {
        options: { fail: z.enum(['never', 'defect', 'data', 'hang']).default('never').describe('trains as it should') },
        async run({ config: { training }, options, data: target, listeners, resume, signal, dataPath, print }) {
          if (options.fail === 'data') throw new UserError(`${dataPath ?? 'nowhere'}: expected data, found none`);
          if (options.fail === 'hang') {
            print('hanging');
            await new Promise(() => setInterval(() => undefined, 1000));
          }
          const firstStep = resume === undefined ? 0 : parseTrainingState(resume.state).step;
          print(`from step ${firstStep}`);
          const model = new Weight(training.learningRate);
          const failing = {
            onCheckpoint(): Promise<void> {
              if (options.fail === 'defect') throw new TypeError('weight is\nnot a function');
              return Promise.resolve();
            },
          };
          const measure = () => Promise.resolve({ loss: model.loss(target) });
          const result = await runTraining(new NetworkLearner(model), training, {
            batches: {
              batchesPerEpoch: STEPS_PER_EPOCH,
              batches: (_epoch, firstBatch = 0) => new Array<number>(STEPS_PER_EPOCH - firstBatch).fill(target),
            },
            schedule: constantSchedule(training.learningRate),
            // After the run folder, which saves its checkpoint before the training fails.
            listeners: [...listeners, failing],
            signal,
            resume,
            validate: measure,
            test: measure,
          });
          return { model, result, metrics: { resumed: { step: firstStep } } };
        },
      },
      commands: {
        say: {
          description: 'say which texts came',
          texts: 'any',
          options: { quietly: z.boolean().default(false).describe('aloud') },
          run({ texts, options, print, write }) {
            write(texts.map((text) => (options.quietly ? text : text.toUpperCase())).join('|'));
            print(' said');
          },
        },
        evaluate: {
          options: { count: z.int().min(1).default(4).describe('a few') },
          run: ({ data: target, model, options, step }) => ({
            metrics: { test: { loss: model.loss(target), count: options.count, step } },
          }),
        },
      },
      modelCommands: {
        read: {
          description: 'say which files came',
          files: 'any',
          run({ files, print }) {
            print(files.join(' '));
          },
        },
      },
      studies: {
        rates: {
          description: 'how fast a weight learns',
          seeds: 2,
          variants: {
            slow: { description: 'small steps', config: { training: { learningRate: 0.05 } }, timeInMinutes: 0.5 },
            quick: { description: 'large steps', config: { training: { learningRate: 0.2 } } },
            far: { description: 'far away', preset: 'far', seeds: 1 },
          },
          columns: [
            { heading: 'loss', metric: 'test.loss', digits: 6 },
            { heading: 'loss of a million', metric: 'test.loss', scale: 1e-6 },
            { heading: 'went on', value: ({ summary }) => summary.metrics.resumed?.step, digits: 0 },
          ],
          async finish({ runs, writeFigure, print }) {
            print(
              `finished with ${runs.map(({ variant, seed, config: { target } }) => `${variant} ${seed} ${target}`).join(', ')}`,
            );
            await writeFigure('blank', { png: new Uint8Array(1) });
          },
        },
        long: {
          description: 'a training that takes a while',
          seeds: 1,
          variants: { only: { description: 'the only one', config: { training: { epochs: 400 } } } },
          columns: [{ heading: 'loss', metric: 'test.loss' }],
        },
      },
    },
    argv,
  );
