import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomStream, valueAndGradients } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { largest } from '@motley/run';
import { nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { forecastLoss, pinballLoss } from './loss.ts';
import { HandwrittenLstm, SeriesForecaster, type ForecastInputs } from './model.ts';
import { settingsOf } from './testing/series.ts';

interface Numbers {
  readonly shape: number[];
  readonly values: number[];
}
interface Reference {
  readonly parameters: Record<string, Numbers>;
  readonly input: Numbers;
  readonly hidden: Numbers;
  readonly cell: Numbers;
  readonly results: Numbers[];
  readonly weights: Numbers[];
  readonly gradients: Record<string, Numbers>;
  readonly inputGradient: Numbers;
  readonly stateGradients: Numbers[];
  readonly pinball: { levels: number[]; quantiles: Numbers; actual: Numbers; loss: number };
}

const reference = JSON.parse(readFileSync(join(import.meta.dirname, 'reference.json'), 'utf8')) as Reference;
const tensorOf = ({ shape, values }: Numbers): tf.Tensor => tf.tensor(values, shape);
const { describeOn } = await nativeGate(() => chooseBackend('tensorflow'));

/** To 1e-5 of the largest value. */
function expectClose(found: tf.Tensor, expected: Numbers): void {
  expect(found.shape).toEqual(expected.shape);
  const values = found.dataSync();
  const differences = expected.values.map((value, index) => Math.abs(value - values[index]!));
  expect(largest(differences)).toBeLessThan(1e-5 * Math.max(1, largest(expected.values.map(Math.abs))));
}

const [, , INPUTS] = reference.input.shape as [number, number, number];
const UNITS = reference.hidden.shape[1]!;

type Pass = (lstm: HandwrittenLstm, input: tf.Tensor, hidden: tf.Tensor, cell: tf.Tensor) => tf.Tensor[];

const passes: Record<string, Pass> = {
  'the plain cell': (lstm, input, hidden, cell) => {
    let state = { hidden, cell };
    const outputs = tf.unstack(input).map((each) => (state = lstm.step(each, state)).hidden);
    return [tf.stack(outputs), state.hidden, state.cell];
  },
  'the fused layer': (lstm, input, hidden, cell) => {
    const { outputs, state } = lstm.forward(input, { hidden, cell });
    return [outputs, state.hidden, state.cell];
  },
};

describeOn(['cpu', 'tensorflow'], 'on %s', (backend) => {
  describe.each(Object.entries(passes))('%s', (_, pass) => {
    beforeAll(() => chooseBackend(backend));

    it("has PyTorch's values and gradients to 1e-5", () => {
      const before = tf.memory().numTensors;
      const lstm = new HandwrittenLstm(INPUTS, UNITS, RandomStream.fromSeed(0));
      tf.tidy(() => {
        lstm.loadStateDict(
          Object.fromEntries(Object.entries(reference.parameters).map(([name, value]) => [name, tensorOf(value)])),
        );
        const given = [reference.input, reference.hidden, reference.cell].map(tensorOf) as [
          tf.Tensor,
          tf.Tensor,
          tf.Tensor,
        ];
        for (const [index, result] of pass(lstm, ...given).entries()) expectClose(result, reference.results[index]!);
        const weighted = (...values: [tf.Tensor, tf.Tensor, tf.Tensor]): tf.Scalar =>
          tf.addN(
            pass(lstm, ...values).map((result, index) => tf.sum(tf.mul(result, tensorOf(reference.weights[index]!)))),
          );
        const ofInputs = tf.grads((...values: tf.Tensor[]) => weighted(...(values as typeof given)))(given);
        expectClose(ofInputs[0]!, reference.inputGradient);
        expectClose(ofInputs[1]!, reference.stateGradients[0]!);
        expectClose(ofInputs[2]!, reference.stateGradients[1]!);
        const { gradients } = valueAndGradients(() => ({ loss: weighted(...given) }), lstm.namedParameters());
        for (const [name, expected] of Object.entries(reference.gradients)) expectClose(gradients[name]!, expected);
      });
      lstm.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
  });
});

const widths = { pastCovariates: 2, knownFeatures: 3 };
const shapes = ['model.window=6', 'model.horizon=4', 'model.units=5', 'model.quantiles=0.1,0.5,0.9'];
const inputsFor = (batch: number, seed: number, known: number): ForecastInputs => {
  const random = RandomStream.fromSeed(seed);
  return { observed: random.normal([batch, 6, 3]), known: random.normal([batch, known, 3]) };
};

describe('the forecaster', () => {
  beforeAll(() => chooseBackend('cpu'));
  const recursive = settingsOf(shapes).model;
  const direct = settingsOf([...shapes, 'model.forecast=direct']).model;

  it.each([
    ['recursive', recursive, 9, 5],
    ['direct', direct, 6, 0],
  ] as const)('%s: has the right shapes and ascending quantiles, and leaks no tensors', (_, shape, known, oneStep) => {
    const before = tf.memory().numTensors;
    const model = new SeriesForecaster(shape, widths, RandomStream.fromSeed(0));
    tf.tidy(() => {
      const forecast = model.forward(inputsFor(2, 1, known));
      expect([forecast.oneStep.shape, forecast.mean.shape, forecast.quantiles.shape]).toEqual([
        [2, oneStep],
        [2, 4],
        [2, 4, 3],
      ]);
      const quantiles = forecast.quantiles.dataSync();
      for (let index = 0; index < quantiles.length; index += 3) {
        expect(quantiles[index]).toBeLessThan(quantiles[index + 1]!);
        expect(quantiles[index + 1]).toBeLessThan(quantiles[index + 2]!);
      }
    });
    const inputs = inputsFor(2, 1, known);
    const targets = tf.zeros([2, 9]);
    const weights = { oneStepWeight: 0.5, quantileWeight: 1 };
    const { terms, gradients } = valueAndGradients(
      () => forecastLoss(model.forward(inputs), targets, shape.quantiles, weights),
      model.namedParameters(),
    );
    for (const gradient of Object.values(gradients))
      expect(tf.tidy(() => tf.norm(gradient).dataSync()[0])).toBeGreaterThan(0);
    tf.dispose([inputs.observed, inputs.known!, targets, terms, gradients]);
    model.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('feeds its own forecasts back as the plain cell does', () => {
    tf.tidy(() => {
      const model = new SeriesForecaster(recursive, widths, RandomStream.fromSeed(0));
      const { weight } = model.linearHead!;
      weight.assign(RandomStream.fromSeed(3).normal(weight.shape, 0, 0.3));
      const { observed, known } = inputsFor(1, 2, 9);
      const { mean, oneStep } = model.forward({ observed, known });
      let state = model.lstm.initialState(1);
      let [before, last]: tf.Tensor[] = [tf.zeros([1, 1]), tf.zeros([1, 1])];
      const means: number[] = [];
      for (let step = 0; step < 9; step++) {
        const row = tf.reshape(tf.slice(observed, [0, Math.min(step, 5), 0], [1, 1, 3]), [1, 3]);
        const [value, past] = tf.split(row, [1, 2], 1) as [tf.Tensor, tf.Tensor];
        if (step < 6) [before, last] = [step === 0 ? value : last!, value];
        const features = tf.reshape(tf.slice(known!, [0, step, 0], [1, 1, 3]), [1, 3]);
        const lead = tf.tensor2d([[Math.max(0, step - 5) / 4]]);
        const input = tf.concat([tf.sub(last!, before!), last!, past, features, lead], 1);
        state = model.lstm.step(input, state);
        const ofState = tf.slice(model.head.forward(state.hidden), [0, 0], [1, 1]);
        const mean = tf.add(tf.add(last!, model.linearHead!.forward(input)), ofState);
        if (step >= 5) [before, last] = [last, mean];
        means.push(mean.dataSync()[0]!);
      }
      const found = [...oneStep.dataSync(), ...mean.dataSync()];
      expect(found).toHaveLength(9);
      found.forEach((value, index) => {
        expect(value).toBeCloseTo(means[index]!, 5);
      });
      model.dispose();
    });
  });
});

describe('losses', () => {
  beforeAll(() => chooseBackend('cpu'));

  it('pinball: equals the definition in PyTorch', () => {
    const { levels, quantiles, actual, loss } = reference.pinball;
    const found = tf.tidy(() => pinballLoss(tensorOf(quantiles), tensorOf(actual), levels).dataSync()[0]);
    expect(found).toBeCloseTo(loss, 6);
  });

  it('pinball: the quantile minimizes it', () => {
    const values = RandomStream.fromSeed(5).normalValues(2001).sort();
    const actual = tf.tensor2d(values, [1, 2001]);
    const lossOf = (constant: number): number =>
      tf.tidy(() => pinballLoss(tf.fill([1, 2001, 1], constant), actual, [0.25]).dataSync()[0]!);
    const best = lossOf(values[500]!);
    for (const other of [values[400]!, values[450]!, values[550]!, values[600]!])
      expect(lossOf(other)).toBeGreaterThan(best);
    actual.dispose();
  });
});
