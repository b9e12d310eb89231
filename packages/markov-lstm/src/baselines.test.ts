import { RandomStream } from '@motley/core';
import { MarkovChain } from '@motley/core/generators';
import { describe, expect, it } from 'vitest';
import { chainOptimum, linearPredictor, persistence, symbolErrors, type Predictor } from './baselines.ts';

const random = RandomStream.fromSeed(8);
const training = { from: 0, to: 10_000 };
const test = { from: 10_000, to: 40_000 };

function drawn(delay: number): { readonly chain: MarkovChain; readonly series: Int32Array } {
  const chain = MarkovChain.random(3, random.fork('chain'), { delay, sharpness: 3 });
  return { chain, series: chain.draw(random.fork(delay), 40_000) };
}

describe('baselines', () => {
  it.each([1, 5])('the linear model is near the optimum where its lags reach, at a delay of %i', (delay) => {
    const { chain, series } = drawn(delay);
    const optimum = symbolErrors(chainOptimum(chain), series, test);
    expect(optimum.accuracy).toBeCloseTo(chain.optimalAccuracy, 1.9);
    expect(optimum.nats).toBeCloseTo(chain.entropyRateInNats, 1.6);
    const linear = symbolErrors(linearPredictor(series, training, { states: 3, lags: 6 }), series, test);
    expect(linear.accuracy).toBeGreaterThan(optimum.accuracy - 0.005);
    expect(linear.nats).toBeLessThan(optimum.nats + 0.005);
    expect(linear.nats).toBeGreaterThan(optimum.nats - 0.001);
  });

  it('the linear model knows only the frequencies of symbols where its lags do not reach', () => {
    const { chain, series } = drawn(9);
    const entropy = -chain.stationary.reduce((sum, share) => sum + share * Math.log(share), 0);
    const linear = symbolErrors(linearPredictor(series, training, { states: 3, lags: 6 }), series, test);
    expect(linear.nats).toBeGreaterThan(entropy - 0.01);
    expect(linear.nats).toBeLessThan(entropy + 0.02);
  });

  it('the linear model has the conditional frequencies of two symbols and one lag', () => {
    // The penalty hardly counts.
    const { series } = drawn(1);
    const binary = series.map((state) => Math.min(state, 1));
    const model = linearPredictor(binary, training, { states: 2, lags: 1 });
    for (const before of [0, 1]) {
      let [count, ones] = [0, 0];
      for (let time = 1; time < training.to; time++)
        if (binary[time - 1] === before) {
          count++;
          ones += binary[time]!;
        }
      expect(model.predict(Int32Array.of(before), 1)[1]).toBeCloseTo(ones / count, 2.5);
    }
  });

  it('persistence has the share of symbols that stay', () => {
    const predictor = persistence(Int32Array.of(0, 0, 1, 1, 1, 2), { from: 0, to: 6 }, 3);
    // 3 of 5 stay, and one of each besides.
    const probabilities = Array.from(predictor.predict(Int32Array.of(1), 1));
    for (const [state, expected] of [1.5 / 7, 4 / 7, 1.5 / 7].entries())
      expect(probabilities[state]).toBeCloseTo(expected, 12);
  });

  it('no future symbol changes a prediction', () => {
    const { chain, series } = drawn(5);
    const predictors: Predictor[] = [
      chainOptimum(chain),
      persistence(series, training, 3),
      linearPredictor(series, { from: 0, to: 2000 }, { states: 3, lags: 6 }),
    ];
    for (const predictor of predictors)
      for (const time of [6, 13_000]) {
        const changed = series.map((state, at) => (at < time ? state : (state + 1) % 3));
        expect(predictor.predict(changed, time)).toEqual(predictor.predict(series, time));
      }
  });
});
