/**
 * Long short-term memory (Hochreiter & Schmidhuber, 1997; with the forget gate of Gers et al., 2000), written out, and
 * the two networks made of it: one that forecasts a series, one that tells the next symbol of a sequence.
 *
 * B batch, T time, W window (steps that are observed), H horizon (steps that are forecast), I inputs, D hidden units,
 * P past covariates, K known features, Q quantile levels, A = 1 + Q answers of a step, S symbols.
 */
import { Linear, lstmLayer, type LstmState, Module, parameter, type RandomStream, scan } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { ForecastConfig } from './config.ts';
import { initialLstm, type InitializationOptions } from './initialization.ts';
import { Preparation } from './preparation.ts';

type ModelConfig = ForecastConfig['model'];

/** One layer, its parameters by the names and in the layout of PyTorch's `nn.LSTM`: gates i, f, g, o. */
export class HandwrittenLstm extends Module {
  readonly weight_ih_l0: tf.Variable; // [4 D, I]
  readonly weight_hh_l0: tf.Variable; // [4 D, D]
  readonly bias_ih_l0: tf.Variable; // [4 D]
  readonly bias_hh_l0: tf.Variable; // [4 D]
  readonly units: number;

  /** @param random draws the initial weights */
  constructor(inputs: number, units: number, initialization: InitializationOptions, random: RandomStream) {
    super();
    const { weightIh, weightHh, biasIh, biasHh } = initialLstm(inputs, units, initialization, random);
    this.weight_ih_l0 = parameter(weightIh);
    this.weight_hh_l0 = parameter(weightHh);
    this.bias_ih_l0 = parameter(biasIh);
    this.bias_hh_l0 = parameter(biasHh);
    this.units = units;
  }

  /** Nothing remembered: [B, D] each. */
  initialState(batch: number): LstmState {
    return { hidden: tf.zeros([batch, this.units]), cell: tf.zeros([batch, this.units]) };
  }

  /**
   * One step, as it is drawn in the papers: [B, I] and the state before → the state after.
   *
   *   i = σ(W_i x + U_i h + b_i)       what is let in            f = σ(W_f x + U_f h + b_f)   what is kept
   *   g = tanh(W_g x + U_g h + b_g)    what there is to write    o = σ(W_o x + U_o h + b_o)   what is shown
   *   c′ = f c + i g                                             h′ = o tanh(c′)
   */
  step(input: tf.Tensor, { hidden, cell }: LstmState): LstmState {
    return tf.tidy(() => {
      const ofInput = tf.add(tf.matMul(input, this.weight_ih_l0, false, true), this.bias_ih_l0);
      const ofState = tf.add(tf.matMul(hidden, this.weight_hh_l0, false, true), this.bias_hh_l0);
      const [i, f, g, o] = tf.split(tf.add(ofInput, ofState), 4, 1); // [B, D] each
      const kept = tf.mul(tf.sigmoid(f!), cell);
      const written = tf.mul(tf.sigmoid(i!), tf.tanh(g!));
      const next = tf.add(kept, written);
      return { hidden: tf.mul(tf.sigmoid(o!), tf.tanh(next)), cell: next };
    });
  }

  /** All steps at once, by core's fused primitive: [T, B, I] → hidden states [T, B, D] and the last state. */
  forward(inputs: tf.Tensor, { hidden, cell }: LstmState): { readonly outputs: tf.Tensor; readonly state: LstmState } {
    const weights = {
      weightIh: this.weight_ih_l0,
      weightHh: this.weight_hh_l0,
      biasIh: this.bias_ih_l0,
      biasHh: this.bias_hh_l0,
    };
    const { states, state } = lstmLayer({ inputs, state: [hidden, cell], weights, mask: undefined, reverse: false });
    return { outputs: states, state: { hidden: state[0], cell: state[1] } };
  }
}

/** What a forecast from the step `s` on may know, scaled: nothing in here was observed at `s` or later. */
export interface ForecastInputs {
  /** [B, W, 1 + P]: the target and the past covariates at the steps s - W … s - 1. */
  readonly observed: tf.Tensor;
  /** [B, W + H - 1, K]: what is known ahead of the steps s - W + 1 … s + H - 1; absent where K is 0. */
  readonly known?: tf.Tensor | undefined;
}

/** Scaled as the inputs. */
export interface Forecast extends Readonly<Record<string, tf.Tensor>> {
  /** [B, W - 1]: of the steps s - W + 1 … s - 1, each from those before it; [B, 0] of a direct forecast. */
  readonly oneStep: tf.Tensor;
  /** [B, H]: of the steps s … s + H - 1. */
  readonly mean: tf.Tensor;
  /** [B, H, Q], ascending along Q. */
  readonly quantiles: tf.Tensor;
}

/** The LSTM's state and the last two values or forecasts, [B, 1] each. */
type RollOutState = Readonly<Record<'hidden' | 'cell' | 'before' | 'last', tf.Tensor>>;

/** How many values there are in each step. */
export interface SeriesWidths {
  /** P */
  readonly pastCovariates: number;
  /** K */
  readonly knownFeatures: number;
  /** Steps to the value that the target's change is counted from. Default 0: it is the target itself. */
  readonly season?: number;
}

/**
 * Forecasts a series. At each step the network reads the last value, its change and what is known of the step, x, besides
 * its own state h, and answers with b and r, linear in h:
 *
 *   ŷ[t] = y[t - 1] + w x + c + b                       a linear autoregression, and what the state adds to it
 *   qₖ[t] = ŷ[t] + r₀ + Σ softplus(rⱼ), 1 ≤ j ≤ k       in order, whatever the weights are
 *
 * Recursive: beyond the window y[t - 1] is the network's own ŷ[t - 1], and the past covariates stay as they were last.
 * Direct: the state at the window's end gives all H steps. Without the skip ŷ is b.
 */
export class SeriesForecaster extends Module {
  readonly lstm: HandwrittenLstm;
  /** h → b and r. */
  readonly head: Linear;
  /** x → w x + c; without the skip there is none. */
  readonly line: Linear | undefined;
  /** From a series' own units to what the network reads. */
  readonly preparation: Preparation;
  readonly config: ModelConfig;
  readonly #pastCovariates: number;

  /** @param random draws the initial weights */
  constructor(config: ModelConfig, { pastCovariates, knownFeatures, season = 0 }: SeriesWidths, random: RandomStream) {
    super();
    const { forecast, units, horizon, window, initialization, quantiles, skip } = config;
    this.config = config;
    this.#pastCovariates = pastCovariates;
    this.preparation = new Preparation(1 + pastCovariates + knownFeatures, season);
    const inputs = 1 + (skip ? 1 : 0) + pastCovariates + knownFeatures + (this.#readsLead ? 1 : 0);
    const steps = forecast === 'recursive' ? 1 : horizon;
    const options = { kind: initialization, longest: window };
    this.lstm = new HandwrittenLstm(inputs, units, options, random.fork('lstm'));
    this.head = new Linear(units, (1 + quantiles.length) * steps, { random: random.fork('head') });
    // Any line that is drawn grows without bound where it is fed back; none is persistence.
    const weightInitializer = (shape: readonly number[]): tf.Tensor => tf.zeros([...shape]);
    this.line = skip ? new Linear(inputs, steps, { random: random.fork('line'), weightInitializer }) : undefined;
  }

  forward(inputs: ForecastInputs): Forecast {
    return tf.tidy(() => (this.config.forecast === 'recursive' ? this.#recursive(inputs) : this.#direct(inputs)));
  }

  /** A recursive forecast is told how far it is from what was observed: it is less sure from step to step. */
  get #readsLead(): boolean {
    return this.config.forecast === 'recursive' && this.config.horizon > 1;
  }

  /** y + w x + c + b, without the skip b alone: answers [..., A], y [..., 1], inputs [..., I] → [..., 1]. */
  #mean(answers: tf.Tensor, last: tf.Tensor, inputs: tf.Tensor): tf.Tensor {
    const [b] = tf.split(answers, [1, answers.shape.at(-1)! - 1], -1) as [tf.Tensor, tf.Tensor];
    if (this.line === undefined) return b;
    return tf.add(tf.add(last, tf.reshape(this.line.forward(inputs), b.shape)), b);
  }

  /** ŷ + r₀ + Σ softplus(rⱼ): answers [..., A], means [..., 1] → [..., Q]. */
  #quantiles(answers: tf.Tensor, means: tf.Tensor): tf.Tensor {
    const levels = this.config.quantiles.length;
    if (levels === 0) return tf.zeros([...means.shape.slice(0, -1), 0]);
    const sizes = [1, 1, levels - 1];
    const [, lowest, steps] = tf.split(answers, sizes, -1) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const bottom = tf.add(means, lowest);
    return levels === 1
      ? bottom
      : tf.concat([bottom, tf.add(bottom, tf.cumsum(tf.softplus(steps), steps.rank - 1))], -1);
  }

  /** What is read at the steps `from` … `from + steps - 1` besides the observed: [steps, B, K (+ 1)], where there is any. */
  #given({ observed, known }: ForecastInputs, from: number, steps: number): tf.Tensor[] {
    const { window, horizon } = this.config;
    const parts: tf.Tensor[] = [];
    if (known !== undefined) parts.push(timeFirst(tf.slice(known, [0, from, 0], [-1, steps, -1])));
    if (this.#readsLead) {
      const lead = Float32Array.from({ length: steps }, (_, step) => Math.max(0, from + step + 1 - window) / horizon);
      parts.push(tf.tile(tf.tensor(lead, [steps, 1, 1]), [1, observed.shape[0], 1]));
    }
    return parts;
  }

  /** The states after each step of the window, [W, B, D], and the last. */
  #read(inputs: ForecastInputs) {
    const observed = timeFirst(inputs.observed); // [W, B, 1 + P]
    const change = this.config.skip ? [changesOf(valuesOf(observed))] : [];
    const given = tf.concat([...change, observed, ...this.#given(inputs, 0, this.config.window)], 2); // [W, B, I]
    return { observed, given, ...this.lstm.forward(given, this.lstm.initialState(observed.shape[1]!)) };
  }

  #recursive(inputs: ForecastInputs): Forecast {
    const { window, horizon } = this.config;
    const { observed, given, outputs, state } = this.#read(inputs);
    const batch = observed.shape[1]!;
    const answers = this.head.forward(outputs); // [W, B, A]
    const means = this.#mean(answers, valuesOf(observed), given); // [W, B, 1]
    const [before, first] = tf.split(means, [window - 1, 1]) as [tf.Tensor, tf.Tensor];
    const firstAnswers = tf.slice(answers, [window - 1, 0, 0], [1, -1, -1]); // [1, B, A]
    let [mean, all] = [first, firstAnswers];
    if (horizon > 1) {
      const also = tf.concat([...this.#held(observed), ...this.#given(inputs, window, horizon - 1)], 2);
      const last = tf.reshape(tf.slice(valuesOf(observed), [window - 1, 0, 0], [1, -1, -1]), [batch, 1]);
      const rest = this.#rollOut({ ...state, before: last, last: tf.squeeze(first, [0]) }, also);
      mean = tf.concat([first, rest.means]);
      all = tf.concat([firstAnswers, rest.answers]);
    }
    return {
      oneStep: tf.transpose(tf.squeeze(before, [2])),
      mean: tf.transpose(tf.squeeze(mean, [2])),
      quantiles: tf.transpose(this.#quantiles(all, mean), [1, 0, 2]),
    };
  }

  /** The past covariates of the window's last step, for each step after the first: [H - 1, B, P], where there are any. */
  #held(observed: tf.Tensor): tf.Tensor[] {
    if (this.#pastCovariates === 0) return [];
    const { window, horizon } = this.config;
    return [tf.tile(tf.slice(observed, [window - 1, 0, 1], [1, -1, -1]), [horizon - 1, 1, 1])];
  }

  /**
   * The steps after the first, each from the forecasts before it. `rest` [H - 1, B, …] is what is read besides:
   * means [H - 1, B, 1], answers [H - 1, B, A].
   */
  #rollOut(start: RollOutState, rest: tf.Tensor) {
    const { output } = scan(
      ({ hidden, cell, before, last }: RollOutState, also: tf.Tensor) => {
        const change = this.config.skip ? [tf.sub(last, before)] : [];
        const input = tf.concat([...change, last, also], 1); // [B, I]
        const next = this.lstm.step(input, { hidden, cell });
        const answers = this.head.forward(next.hidden); // [B, A]
        const mean = this.#mean(answers, last, input); // [B, 1]
        return { carry: { ...next, before: last, last: mean }, output: { means: mean, answers } };
      },
      start,
      rest,
    );
    return output;
  }

  #direct(inputs: ForecastInputs): Forecast {
    const { window, horizon } = this.config;
    const { observed, given, state } = this.#read(inputs);
    const batch = observed.shape[1]!;
    const lastInput = tf.reshape(tf.slice(given, [window - 1, 0, 0], [1, -1, -1]), [batch, -1]);
    const answers = tf.reshape(this.head.forward(state.hidden), [batch, horizon, -1]); // [B, H, A]
    const last = tf.reshape(tf.slice(observed, [window - 1, 0, 0], [1, -1, 1]), [batch, 1, 1]);
    const mean = this.#mean(answers, last, lastInput); // [B, H, 1]
    return { oneStep: tf.zeros([batch, 0]), mean: tf.squeeze(mean, [2]), quantiles: this.#quantiles(answers, mean) };
  }
}

/** The target's column: [W, B, 1 + P] → [W, B, 1]. */
function valuesOf(observed: tf.Tensor): tf.Tensor {
  return tf.slice(observed, [0, 0, 0], [-1, -1, 1]);
}

/** y[t] - y[t - 1], at the window's first step 0: [W, B, 1]. */
function changesOf(values: tf.Tensor): tf.Tensor {
  const steps = values.shape[0];
  const before = tf.concat([
    tf.slice(values, [0, 0, 0], [1, -1, -1]),
    tf.slice(values, [0, 0, 0], [steps - 1, -1, -1]),
  ]);
  return tf.sub(values, before);
}

/** [B, T, C] → [T, B, C]. */
function timeFirst(tensor: tf.Tensor): tf.Tensor {
  return tf.transpose(tensor, [1, 0, 2]);
}

/** Tells the next symbol of a sequence from all before it. */
export class SymbolPredictor extends Module {
  readonly lstm: HandwrittenLstm;
  readonly head: Linear;
  readonly #symbols: number;

  /** @param random draws the initial weights */
  constructor({ units, initialization, window }: ModelConfig, symbols: number, random: RandomStream) {
    super();
    const options = { kind: initialization, longest: window };
    this.lstm = new HandwrittenLstm(symbols, units, options, random.fork('lstm'));
    this.head = new Linear(units, symbols, { random: random.fork('head') });
    this.#symbols = symbols;
  }

  /** int32 [B, T] → logits of the symbol after each, [B, T, S]. */
  forward(symbols: tf.Tensor): tf.Tensor {
    return tf.tidy(() => {
      const inputs = tf.oneHot(tf.transpose(symbols), this.#symbols); // [T, B, S]
      const { outputs } = this.lstm.forward(tf.cast(inputs, 'float32'), this.lstm.initialState(symbols.shape[0]));
      return tf.transpose(this.head.forward(outputs), [1, 0, 2]);
    });
  }
}
