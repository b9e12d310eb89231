import { defineConfig, UserError } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { trainingFields } from '../../../train/training-fields.ts';
import { runCommandLine } from '../run-command-line.ts';

/** A system of one weight that learns to be 3, for the tests of the command kit: ten steps an epoch. */
const STEPS_PER_EPOCH = 10;

const config = defineConfig(
  z.strictObject({
    target: z.number().default(3).describe('any number'),
    training: z.strictObject(
      trainingFields({
        epochs: { default: 3, reason: 'enough for one weight' },
        batchSize: { default: 1, reason: 'there are no data' },
        learningRate: { default: 0.1, reason: 'below 1, where it would diverge' },
      }),
    ),
  }),
  { presets: { far: { description: 'a target far away', config: { target: 30 } } }, fast: { training: { epochs: 1 } } },
);

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const runLearner = (argv: readonly string[]): Promise<number> =>
  runCommandLine(
    {
      system: 'learner',
      description: 'Learns one number.',
      config,
      train: {
        options: { fail: z.enum(['never', 'defect', 'data', 'hang']).default('never').describe('trains as it should') },
        async run({ config: { target, training }, options, listeners, resume, signal, dataPath, print }) {
          if (options.fail === 'data') throw new UserError(`${dataPath ?? 'nowhere'}: expected data, found none`);
          if (options.fail === 'hang') {
            print('hanging');
            await new Promise(() => setInterval(() => undefined, 1000));
          }
          const restored = resume?.weights.weight;
          const weight = tf.variable(restored ?? tf.scalar(0));
          let step = resume?.step ?? 0;
          const steps = training.steps ?? training.epochs * STEPS_PER_EPOCH;
          const loss = (): number => (weight.dataSync()[0]! - target) ** 2;
          print(`from ${weight.dataSync()[0]!}`);
          while (step < steps && !signal.aborted) {
            tf.tidy(() => {
              weight.assign(tf.sub(weight, tf.mul(2 * training.learningRate, tf.sub(weight, target))));
            });
            step++;
            const epoch = Math.ceil(step / STEPS_PER_EPOCH);
            if (step % STEPS_PER_EPOCH !== 0 && step < steps) continue;
            const metrics = { loss: loss() };
            for (const listener of listeners) {
              await listener.onMetrics?.({ step, epoch, split: 'validation', timeInSeconds: step / 1000, metrics });
              listener.onProgress?.({
                step,
                steps,
                epoch,
                epochs: Math.ceil(steps / 10),
                samplesPerSecond: 1000,
                metrics,
              });
              await listener.onCheckpoint?.({
                step,
                epoch,
                weights: { weight },
                optimizer: {},
                state: {},
                isBest: true,
              });
            }
            if (options.fail === 'defect') throw new TypeError('weight is\nnot a function');
            await nextTurn();
          }
          return {
            status: signal.aborted && step < steps ? 'stopped' : 'completed',
            epochs: Math.ceil(step / STEPS_PER_EPOCH),
            steps: step,
            parameters: 1,
            samplesPerSecond: 1000,
            metrics: { test: { loss: loss() }, resumed: { step: resume?.step ?? 0 } },
            baselines: { zero: { loss: target ** 2 } },
          };
        },
      },
      commands: {
        read: {
          description: 'say which files came',
          files: 'any',
          options: {},
          run({ files, print }) {
            print(files.join(' '));
            return Promise.resolve({});
          },
        },
        say: {
          description: 'say which texts came',
          texts: 'any',
          options: { quietly: z.boolean().default(false).describe('aloud') },
          run({ texts, options, compile, print, write }) {
            write(texts.map((text) => (options.quietly ? text : text.toUpperCase())).join('|'));
            print(compile === undefined ? ' uncompiled' : ' compiled');
            return Promise.resolve({});
          },
        },
        evaluate: {
          description: 'measure the weight',
          options: { count: z.int().min(1).default(4).describe('a few') },
          run({ config: { target }, checkpoint, options }) {
            const value = checkpoint.weights.weight!.dataSync()[0]!;
            return Promise.resolve({ metrics: { test: { loss: (value - target) ** 2, count: options.count } } });
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
