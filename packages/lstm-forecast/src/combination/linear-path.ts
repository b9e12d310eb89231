import { buffer, Module, type StateDict } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { Matrix } from 'ml-matrix';
import type { CorrectedForecasts } from '../feature-scaler.ts';
import type { Series } from '../series/series.ts';
import { LinearCombination, valueIn, type CombinationMember } from './linear-combination.ts';
import { KnownPart } from './known-part.ts';

/** Buffers of one member. Weights are exact to float32, so forecasts are written around a value near the data's. */
class PathMember extends Module {
  readonly weight: tf.Variable; // [H, W]
  /** Forecast where all values equal the center, less the center: [H]. */
  readonly bias: tf.Variable;
  /** Center in two parts, whose sum has the digits of a float64: [2]. */
  readonly center: tf.Variable;
  readonly coefficients: tf.Variable; // [K]
  /** Share; 1 on the logarithms, else 0; 1 with a known part, else 0: [3]. */
  readonly settings: tf.Variable;

  constructor(horizon: number, window: number, waves: number) {
    super();
    this.weight = buffer(tf.zeros([horizon, window]));
    this.bias = buffer(tf.zeros([horizon]));
    this.center = buffer(tf.zeros([2]));
    this.coefficients = buffer(tf.zeros([waves]));
    this.settings = buffer(tf.zeros([3]));
  }

  /** @param center a value of the member's space near the data */
  assign({ space, share, map, coefficients }: CombinationMember, center: number): void {
    const { weights, bias } = map;
    const sums = weights.sum('row');
    tf.tidy(() => {
      this.weight.assign(tf.tensor2d(Float32Array.from(weights.to1DArray()), [weights.rows, weights.columns]));
      this.bias.assign(tf.tensor1d(Float32Array.from(bias, (value, step) => value + (sums[step]! - 1) * center)));
      this.center.assign(tf.tensor1d([Math.fround(center), center - Math.fround(center)]));
      this.coefficients.assign(tf.tensor1d(Float32Array.from(coefficients)));
      this.settings.assign(tf.tensor1d([share, Number(space.scale === 'logarithm'), Number(space.hasKnownPart)]));
    });
  }

  async member(): Promise<CombinationMember> {
    const [horizon, window] = this.weight.shape as [number, number];
    const [flat, bias, [high, low], coefficients, [share, isLogarithm, hasKnownPart]] = await Promise.all([
      this.weight.data<'float32'>(),
      this.bias.data<'float32'>(),
      this.center.data<'float32'>() as Promise<ArrayLike<number> & Iterable<number>>,
      this.coefficients.data<'float32'>(),
      this.settings.data<'float32'>() as Promise<ArrayLike<number> & Iterable<number>>,
    ]);
    const weights = Matrix.from1DArray(horizon, window, flat);
    const center = high! + low!;
    const sums = weights.sum('row');
    return {
      space: { scale: isLogarithm === 1 ? 'logarithm' : 'value', hasKnownPart: hasKnownPart === 1 },
      share: share!,
      map: { weights, bias: Float64Array.from(bias, (value, step) => value - (sums[step]! - 1) * center) },
      coefficients: Float64Array.from(coefficients),
    };
  }
}

/** Sizes of a path: horizon, coefficients of its known part, and each member's window. */
export interface PathShape {
  readonly horizon: number;
  readonly waves: number;
  readonly windows: readonly number[];
}

/** A combination of linear methods as buffers of a checkpoint, with the scales of a network that corrects it. */
export class LinearPath extends Module {
  readonly members: readonly PathMember[];
  /** Unit of the correction: the root mean squared error of the combination in the training part. */
  readonly errorScale: tf.Variable;
  /** Unit of the network's inputs: the root mean squared change within a window. */
  readonly changeScale: tf.Variable;
  /** Steps that the network reads. */
  readonly window: tf.Variable;

  constructor({ horizon, waves, windows }: PathShape) {
    super();
    this.members = windows.map((window) => new PathMember(horizon, window, waves));
    this.errorScale = buffer(tf.scalar(1));
    this.changeScale = buffer(tf.scalar(1));
    this.window = buffer(tf.scalar(0));
  }

  /** A path of a fitted combination. */
  static of(combination: LinearCombination, series: Series): LinearPath {
    const windows = combination.members.map(({ map }) => map.weights.columns);
    const path = new LinearPath({ horizon: combination.horizon, waves: combination.known.size, windows });
    for (const [index, member] of combination.members.entries())
      path.members[index]!.assign(member, valueIn(member.space.scale, series.target[0]!));
    return path;
  }

  /** The shape of the path in a checkpoint; undefined without one. */
  static shapeIn(weights: StateDict): PathShape | undefined {
    const windows: number[] = [];
    let [horizon, waves] = [0, 0];
    for (;;) {
      const name = `path.members.${windows.length}`;
      const [weight, coefficients] = [weights[`${name}.weight`], weights[`${name}.coefficients`]];
      if (weight === undefined || coefficients === undefined || weight.rank !== 2) break;
      [horizon, waves] = [weight.shape[0]!, coefficients.size];
      windows.push(weight.shape[1]!);
    }
    return windows.length === 0 ? undefined : { horizon, waves, windows };
  }

  /** Forecasts of a series, with the buffers' weights and scales. */
  async on(series: Series): Promise<CorrectedForecasts> {
    const members = await Promise.all(this.members.map((member) => member.member()));
    const [horizon] = this.members[0]!.weight.shape as [number];
    const combination = new LinearCombination(members, horizon, new KnownPart(series));
    const [errorScale, changeScale] = await Promise.all([this.errorScale.data(), this.changeScale.data()]);
    return {
      target: series.target,
      window: combination.window,
      from: combination.on(series),
      errorScale: errorScale[0]!,
      changeScale: changeScale[0]!,
    };
  }

  /** Steps that the network of a checkpoint reads; undefined without a path. */
  static windowIn(weights: StateDict): number | undefined {
    return weights['path.window']?.dataSync()[0];
  }

  /** Notes the units of errors and changes, and the steps that the network reads. */
  describe(error: number, change: number, window: number): void {
    tf.tidy(() => {
      this.errorScale.assign(tf.scalar(error));
      this.changeScale.assign(tf.scalar(change));
      this.window.assign(tf.scalar(window));
    });
  }
}
