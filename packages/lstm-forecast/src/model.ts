/**
 * A long short-term memory (Hochreiter & Schmidhuber, 1997; forget gate: Gers et al., 2000), written out, and a network
 * that forecasts a series with it.
 *
 * B batch, T time, W window (observed steps), H horizon (forecast steps), I inputs, D hidden units, P past covariates,
 * K known features, Q quantile levels, A = 1 + Q outputs per step.
 */
import {
  kaimingUniform,
  Linear,
  lstmLayer,
  type LstmState,
  Module,
  parameter,
  type RandomStream,
  scan,
} from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import type { LinearPath } from './combination/linear-path.ts';
import { FeatureScaler, type ScaledSeries } from './feature-scaler.ts';
import type { Series } from './series/series.ts';
import type { ForecastSettings } from './settings.ts';

type ModelConfig = ForecastSettings['model'];

/** One LSTM layer. Its parameters have the names and layout of PyTorch's `nn.LSTM`, gates in the order i, f, g, o. */
export class HandwrittenLstm extends Module {
  readonly weight_ih_l0: tf.Variable; // [4 D, I]
  readonly weight_hh_l0: tf.Variable; // [4 D, D]
  readonly bias_ih_l0: tf.Variable; // [4 D]
  readonly bias_hh_l0: tf.Variable; // [4 D]
  readonly units: number;

  /** @param random draws the initial weights, U(-1/√D, 1/√D) as PyTorch does */
  constructor(inputs: number, units: number, random: RandomStream) {
    super();
    const draw = (shape: number[]): tf.Variable =>
      parameter(kaimingUniform(shape, { fanIn: units, fanOut: units }, random));
    this.weight_ih_l0 = draw([4 * units, inputs]);
    this.weight_hh_l0 = draw([4 * units, units]);
    this.bias_ih_l0 = draw([4 * units]);
    this.bias_hh_l0 = draw([4 * units]);
    this.units = units;
  }

  /** Zeros, [B, D] each. */
  initialState(batch: number): LstmState {
    return { hidden: tf.zeros([batch, this.units]), cell: tf.zeros([batch, this.units]) };
  }

  /**
   * One step: [B, I] and the state before → the state after.
   *
   *   i = σ(W_i x + U_i h + b_i)       input gate      f = σ(W_f x + U_f h + b_f)   forget gate
   *   g = tanh(W_g x + U_g h + b_g)    candidate       o = σ(W_o x + U_o h + b_o)   output gate
   *   c′ = f c + i g                   cell            h′ = o tanh(c′)              hidden state
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

  /** All steps at once by core's fused operation: [T, B, I] → hidden states [T, B, D] and the last state. */
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

/** Scaled inputs of a forecast that starts at step s. None of them was observed at s or later. */
export interface ForecastInputs {
  /** [B, W, 1 + P]: the target and the past covariates at the steps s - W … s - 1. */
  readonly observed: tf.Tensor;
  /** [B, W + H - 1, K]: features known ahead at the steps s - W + 1 … s + H - 1; absent if K is 0. */
  readonly known?: tf.Tensor | undefined;
  /** [B, H]: the forecasts to correct; absent unless the network corrects any. */
  readonly base?: tf.Tensor | undefined;
}

/** A forecast, scaled like the inputs. */
export interface Forecast extends Readonly<Record<string, tf.Tensor>> {
  /** [B, W - 1]: one-step forecasts of the steps s - W + 1 … s - 1; [B, 0] for a direct forecast. */
  readonly oneStep: tf.Tensor;
  /** [B, H]: mean of the steps s … s + H - 1. */
  readonly mean: tf.Tensor;
  /** [B, H, Q], ascending along Q. */
  readonly quantiles: tf.Tensor;
}

/** The LSTM's state and the last two values or forecasts, [B, 1] each. */
type RollOutState = Readonly<Record<'hidden' | 'cell' | 'before' | 'last', tf.Tensor>>;

/** Number of values in each step of a series. */
export interface SeriesWidths {
  /** P */
  readonly pastCovariates: number;
  /** K */
  readonly knownFeatures: number;
  /** Season length in steps: the network forecasts changes from the last season. Default 0: the target itself. */
  readonly season?: number;
}

/**
 * Forecasts a series. The inputs x of a step are the last value, its change, covariates and known features. The head's
 * outputs b and r are linear in the hidden state h:
 *
 *   ŷ[t] = y[t - 1] + w x + c + b                       linear autoregression plus the correction of the state
 *   qₖ[t] = ŷ[t] + r₀ + Σ softplus(rⱼ), 1 ≤ j ≤ k       ascending for any weights
 *
 * Recursive: beyond the window y[t - 1] is the network's own ŷ[t - 1], and past covariates keep their last values.
 * Direct: the state at the window's end gives all H steps. Without the skip ŷ is b alone.
 * Corrected: the same, with the forecasts of a combination of linear methods in place of y[t - 1] + w x + c.
 */
export class SeriesForecaster extends Module {
  readonly lstm: HandwrittenLstm;
  /** b and r, from h. */
  readonly head: Linear;
  /** w x + c; undefined without the skip. */
  readonly linearHead: Linear | undefined;
  /** Clips and scales a series. */
  readonly scaler: FeatureScaler;
  /** The linear methods that the network corrects, if it corrects any. */
  readonly path: LinearPath | undefined;
  readonly config: ModelConfig;
  readonly #pastCovariates: number;

  /**
   * @param random draws the initial weights
   * @param path forecasts to correct, which the model owns; only for a corrected forecast
   */
  constructor(
    config: ModelConfig,
    { pastCovariates, knownFeatures, season = 0 }: SeriesWidths,
    random: RandomStream,
    path?: LinearPath,
  ) {
    super();
    this.path = path;
    const { forecast, units, horizon, quantiles } = config;
    const skip = config.skip && forecast !== 'corrected';
    this.config = config;
    this.#pastCovariates = pastCovariates;
    this.scaler = new FeatureScaler(1 + pastCovariates + knownFeatures, season);
    const inputs = 1 + (skip ? 1 : 0) + pastCovariates + knownFeatures + (this.#readsLead ? 1 : 0);
    const steps = forecast === 'recursive' ? 1 : horizon;
    this.lstm = new HandwrittenLstm(inputs, units, random.fork('lstm'));
    this.head = new Linear(units, (1 + quantiles.length) * steps, { random: random.fork('head') });
    // Zero weights are persistence; random ones would grow without bound when fed back.
    const weightInitializer = (shape: readonly number[]): tf.Tensor => tf.zeros([...shape]);
    this.linearHead = skip ? new Linear(inputs, steps, { random: random.fork('line'), weightInitializer }) : undefined;
  }

  /** A series as this network reads it. */
  async scale(series: Series): Promise<ScaledSeries> {
    const scaled = await this.scaler.apply(series);
    return this.path === undefined ? scaled : { ...scaled, corrected: await this.path.on(series) };
  }

  forward(inputs: ForecastInputs): Forecast {
    return tf.tidy(() => (this.config.forecast === 'recursive' ? this.#recursive(inputs) : this.#direct(inputs)));
  }

  /** Whether the lead time is an input: recursive forecasts become less certain with each step. */
  get #readsLead(): boolean {
    return this.config.forecast === 'recursive' && this.config.horizon > 1;
  }

  /** y + w x + c + b, without the skip b alone: outputs [..., A], y [..., 1], inputs [..., I] → [..., 1]. */
  #mean(outputs: tf.Tensor, last: tf.Tensor, inputs: tf.Tensor): tf.Tensor {
    const [b] = tf.split(outputs, [1, outputs.shape.at(-1)! - 1], -1) as [tf.Tensor, tf.Tensor];
    if (this.linearHead === undefined) return b;
    return tf.add(tf.add(last, tf.reshape(this.linearHead.forward(inputs), b.shape)), b);
  }

  /** ŷ + r₀ + Σ softplus(rⱼ): outputs [..., A], means [..., 1] → [..., Q]. */
  #quantiles(outputs: tf.Tensor, means: tf.Tensor): tf.Tensor {
    const levels = this.config.quantiles.length;
    if (levels === 0) return tf.zeros([...means.shape.slice(0, -1), 0]);
    const sizes = [1, 1, levels - 1];
    const [, lowest, steps] = tf.split(outputs, sizes, -1) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const bottom = tf.add(means, lowest);
    return levels === 1
      ? bottom
      : tf.concat([bottom, tf.add(bottom, tf.cumsum(tf.softplus(steps), steps.rank - 1))], -1);
  }

  /**
   * Known features and the lead time at the steps `from` … `from + steps - 1`, as far as there are any: [steps, B, …].
   */
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

  /** Runs the window: the states after each step, [W, B, D], and the last. */
  #read(inputs: ForecastInputs) {
    const observed = timeFirst(inputs.observed); // [W, B, 1 + P]
    const change = this.linearHead === undefined ? [] : [changesOf(valuesOf(observed))];
    const given = tf.concat([...change, observed, ...this.#given(inputs, 0, this.config.window)], 2); // [W, B, I]
    return { observed, given, ...this.lstm.forward(given, this.lstm.initialState(observed.shape[1]!)) };
  }

  #recursive(inputs: ForecastInputs): Forecast {
    const { window, horizon } = this.config;
    const { observed, given, outputs: states, state } = this.#read(inputs);
    const batch = observed.shape[1]!;
    const outputs = this.head.forward(states); // [W, B, A]
    const means = this.#mean(outputs, valuesOf(observed), given); // [W, B, 1]
    const [before, first] = tf.split(means, [window - 1, 1]) as [tf.Tensor, tf.Tensor];
    const firstOutputs = tf.slice(outputs, [window - 1, 0, 0], [1, -1, -1]); // [1, B, A]
    let [mean, all] = [first, firstOutputs];
    if (horizon > 1) {
      const also = tf.concat([...this.#held(observed), ...this.#given(inputs, window, horizon - 1)], 2);
      const last = tf.reshape(tf.slice(valuesOf(observed), [window - 1, 0, 0], [1, -1, -1]), [batch, 1]);
      const rest = this.#rollOut({ ...state, before: last, last: tf.squeeze(first, [0]) }, also);
      mean = tf.concat([first, rest.means]);
      all = tf.concat([firstOutputs, rest.outputs]);
    }
    return {
      oneStep: tf.transpose(tf.squeeze(before, [2])),
      mean: tf.transpose(tf.squeeze(mean, [2])),
      quantiles: tf.transpose(this.#quantiles(all, mean), [1, 0, 2]),
    };
  }

  /** The window's last past covariates, repeated for each step after the first: [H - 1, B, P], if there are any. */
  #held(observed: tf.Tensor): tf.Tensor[] {
    if (this.#pastCovariates === 0) return [];
    const { window, horizon } = this.config;
    return [tf.tile(tf.slice(observed, [window - 1, 0, 1], [1, -1, -1]), [horizon - 1, 1, 1])];
  }

  /**
   * The steps after the first, each from the forecasts before it. `rest` [H - 1, B, …] are the other inputs.
   * @returns means [H - 1, B, 1] and outputs [H - 1, B, A]
   */
  #rollOut(start: RollOutState, rest: tf.Tensor) {
    const { output } = scan(
      ({ hidden, cell, before, last }: RollOutState, also: tf.Tensor) => {
        const change = this.linearHead === undefined ? [] : [tf.sub(last, before)];
        const input = tf.concat([...change, last, also], 1); // [B, I]
        const next = this.lstm.step(input, { hidden, cell });
        const outputs = this.head.forward(next.hidden); // [B, A]
        const mean = this.#mean(outputs, last, input); // [B, 1]
        return { carry: { ...next, before: last, last: mean }, output: { means: mean, outputs } };
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
    const outputs = tf.reshape(this.head.forward(state.hidden), [batch, horizon, -1]); // [B, H, A]
    const last = tf.reshape(tf.slice(observed, [window - 1, 0, 0], [1, -1, 1]), [batch, 1, 1]);
    const own = this.#mean(outputs, last, lastInput); // [B, H, 1]
    const mean = inputs.base === undefined ? own : tf.add(own, tf.expandDims(inputs.base, 2));
    return { oneStep: tf.zeros([batch, 0]), mean: tf.squeeze(mean, [2]), quantiles: this.#quantiles(outputs, mean) };
  }
}

/** The target's column: [W, B, 1 + P] → [W, B, 1]. */
function valuesOf(observed: tf.Tensor): tf.Tensor {
  return tf.slice(observed, [0, 0, 0], [-1, -1, 1]);
}

/** y[t] - y[t - 1], and 0 at the window's first step: [W, B, 1]. */
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
