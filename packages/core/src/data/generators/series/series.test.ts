import { largest } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../../random/random-stream.ts';
import { AutoregressiveProcess } from './autoregressive.ts';
import { MarkovChain } from './markov-chain.ts';

const random = RandomStream.fromSeed(21);
const WEATHER = [
  [0.9, 0.1],
  [0.3, 0.7],
];

describe('MarkovChain', () => {
  it('has the stationary distribution and bounds of the closed form', () => {
    const chain = new MarkovChain(WEATHER);
    expect(chain.stationary[0]).toBeCloseTo(0.75, 12);
    expect(chain.optimalAccuracy).toBeCloseTo(0.75 * 0.9 + 0.25 * 0.7, 12);
    const entropy = (p: number) => -p * Math.log(p) - (1 - p) * Math.log(1 - p);
    expect(chain.entropyRateInNats).toBeCloseTo(0.75 * entropy(0.1) + 0.25 * entropy(0.3), 12);
    const certain = new MarkovChain([
      [0, 1, 0],
      [0, 0, 1],
      [1, 0, 0],
    ]);
    expect(certain.stationary.map((p) => Math.round(p * 3e9) / 1e9)).toEqual([1, 1, 1]);
    expect([certain.optimalAccuracy, certain.entropyRateInNats]).toEqual([1, 0]);
  });

  it.each([1, 7, 200])('draws from its distribution and reaches the bounds at delay %i', (delay) => {
    const chain = MarkovChain.random(4, random.fork('chain'), { delay, sharpness: 3 });
    const length = 200_000;
    const series = chain.draw(random.fork(delay), length);
    const counts = chain.transitions.map((row) => row.map(() => 0));
    let [hits, nats, sooner] = [0, 0, 0];
    const best = chain.transitions.map((row) => row.indexOf(largest(row)));
    for (let time = 200; time < length; time++) {
      const [from, to] = [series[time - delay]!, series[time]!];
      counts[from]![to]!++;
      hits += best[from] === to ? 1 : 0;
      nats -= Math.log(chain.transitions[from]![to]!);
      sooner += best[series[time - (delay === 1 ? 2 : 1)]!] === to ? 1 : 0;
    }
    for (const [from, row] of counts.entries()) {
      const total = row.reduce((sum, count) => sum + count, 0);
      expect(total / (length - 200)).toBeCloseTo(chain.stationary[from]!, 1.7);
      for (const [to, count] of row.entries()) expect(count / total).toBeCloseTo(chain.transitions[from]![to]!, 1.7);
    }
    expect(hits / (length - 200)).toBeCloseTo(chain.optimalAccuracy, 2);
    expect(nats / (length - 200)).toBeCloseTo(chain.entropyRateInNats, 1.7);
    // A predictor that uses another step does worse.
    expect(sooner / (length - 200)).toBeLessThan(chain.optimalAccuracy - 0.05);
  });

  it('is a function of its stream', () => {
    const chain = new MarkovChain(WEATHER, 3);
    expect(chain.draw(random.fork(1), 50)).toEqual(chain.draw(random.fork(1), 50));
    expect(chain.draw(random.fork(1), 50)).not.toEqual(chain.draw(random.fork(2), 50));
  });

  it('refuses an invalid matrix, or one without a unique stationary distribution', () => {
    expect(
      () =>
        new MarkovChain([
          [0.5, 0.6],
          [1, 0],
        ]),
    ).toThrow('state 0: expected 2 probabilities that sum to 1, got 0.5, 0.6');
    expect(
      () =>
        new MarkovChain([
          [1.5, -0.5],
          [1, 0],
        ]),
    ).toThrow('state 0');
    expect(() => new MarkovChain([[1]], 0)).toThrow('expected a delay of at least 1 step, got 0');
    expect(
      () =>
        new MarkovChain([
          [1, 0],
          [0, 1],
        ]),
    ).toThrow('got several');
  });
});

describe('AutoregressiveProcess', () => {
  it('has the forecast error of the closed form', () => {
    const [phi, sigma] = [0.9, 0.5];
    const process = new AutoregressiveProcess([phi], sigma);
    for (const horizon of [1, 2, 10])
      expect(process.forecastError(horizon)).toBeCloseTo(
        sigma * Math.sqrt((1 - phi ** (2 * horizon)) / (1 - phi ** 2)),
        12,
      );
    expect(process.standardDeviation).toBeCloseTo(sigma / Math.sqrt(1 - phi ** 2), 10);
    // AR(2): variance by the Yule-Walker equations.
    const [a, b] = [0.5, 0.3];
    const variance = (1 - b) / ((1 + b) * ((1 - b) ** 2 - a ** 2));
    expect(new AutoregressiveProcess([a, b]).standardDeviation ** 2).toBeCloseTo(variance, 10);
  });

  it('draws stationary values whose optimal forecasts have the stated error', () => {
    const process = new AutoregressiveProcess([0.6, 0.3], 2);
    const values = process.draw(random.fork('values'), 60_000);
    const deviation = (part: Float64Array): number =>
      Math.sqrt(part.reduce((sum, value) => sum + value ** 2, 0) / part.length);
    expect(deviation(values) / process.standardDeviation).toBeCloseTo(1, 1.3);
    const starts = Array.from({ length: 4000 }, (_, index) => process.draw(random.fork(`start ${index}`), 2).at(0)!);
    expect(deviation(Float64Array.from(starts)) / process.standardDeviation).toBeCloseTo(1, 1.3);
    for (const horizon of [1, 4, 12]) {
      let [sum, count] = [0, 0];
      for (let time = 2; time + horizon <= values.length; time += 3, count++)
        sum +=
          (process.forecast(values.subarray(time - 2, time), horizon)[horizon - 1]! - values[time + horizon - 1]!) ** 2;
      expect(Math.sqrt(sum / count) / process.forecastError(horizon)).toBeCloseTo(1, 1.5);
    }
  });

  it('refuses nonstationary processes, zero noise and too short a past', () => {
    for (const coefficients of [[1.01], [1], [0.7, 0.4]])
      expect(() => new AutoregressiveProcess(coefficients)).toThrow('expected a stationary one');
    expect(() => new AutoregressiveProcess([0.5], 0)).toThrow('noise above 0, got 0');
    expect(() => new AutoregressiveProcess([0.5, 0.1]).forecast([1], 3)).toThrow('at least 2 past values, got 1');
  });
});
