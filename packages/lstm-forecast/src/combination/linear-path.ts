import { buffer, Module, type StateDict } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { Matrix } from 'ml-matrix';
import type { CorrectedForecasts } from '../feature-scaler.ts';
import type { Series } from '../series/series.ts';
import { KnownPart } from './known-part.ts';
import { LinearCombination, valueIn, type CombinationMember } from './linear-combination.ts';

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

/** Units of a network that corrects forecasts. */
export interface PathScales {
  readonly error: number;
  readonly change: number;
  /** Steps that the network reads. */
  readonly window: number;
  /** Whether the units are shares of a window's level. */
  readonly isRelative: boolean;
}

/** Mean absolute value of the window before a start; 1 where all are 0. */
export function levelBefore(target: Float64Array, window: number): (start: number) => number {
  const sums = new Float64Array(target.length + 1);
  for (const [step, value] of target.entries()) sums[step + 1] = sums[step]! + Math.abs(value);
  return (start) => (sums[start]! - sums[Math.max(0, start - window)]!) / Math.min(window, start) || 1;
}

/** A combination of linear methods as buffers of a checkpoint, with the scales of a network that corrects it. */
export class LinearPath extends Module {
  readonly members: readonly PathMember[];
  /** Root mean squared error of the combination in the training part, over the level where `isRelative`. */
  readonly errorScale: tf.Variable;
  /** Root mean squared change within a window, over the level where `isRelative`. */
  readonly changeScale: tf.Variable;
  /** Steps that the network reads. */
  readonly window: tf.Variable;
  /** 1 where the scales are shares of a window's level, as errors of growing series grow; else 0. */
  readonly isRelative: tf.Variable;

  constructor({ horizon, waves, windows }: PathShape) {
    super();
    this.members = windows.map((window) => new PathMember(horizon, window, waves));
    this.errorScale = buffer(tf.scalar(1));
    this.changeScale = buffer(tf.scalar(1));
    this.window = buffer(tf.scalar(0));
    this.isRelative = buffer(tf.scalar(0));
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
      [horizon, waves] = [weight.shape[0], coefficients.size];
      windows.push(weight.shape[1]!);
    }
    return windows.length === 0 ? undefined : { horizon, waves, windows };
  }

  /** Forecasts of a series, with the buffers' weights and scales. */
  async on(series: Series): Promise<CorrectedForecasts> {
    const members = await Promise.all(this.members.map((member) => member.member()));
    const [horizon] = this.members[0]!.weight.shape as [number];
    const combination = new LinearCombination(members, horizon, new KnownPart(series));
    const [error, change, window, isRelative] = await Promise.all(
      [this.errorScale, this.changeScale, this.window, this.isRelative].map(
        async (buffer) => (await buffer.data())[0]!,
      ),
    );
    const level = isRelative === 1 ? levelBefore(series.target, window!) : () => 1;
    return {
      target: series.target,
      window: combination.window,
      from: combination.on(series),
      errorUnit: (start) => error! * level(start),
      changeUnit: (start) => change! * level(start),
    };
  }

  /** Steps that the network of a checkpoint reads; undefined without a path. */
  static windowIn(weights: StateDict): number | undefined {
    return weights['path.window']?.dataSync()[0];
  }

  /** Notes the units of errors and changes, and the steps that the network reads. */
  describe({ error, change, window, isRelative }: PathScales): void {
    tf.tidy(() => {
      this.errorScale.assign(tf.scalar(error));
      this.changeScale.assign(tf.scalar(change));
      this.window.assign(tf.scalar(window));
      this.isRelative.assign(tf.scalar(Number(isRelative)));
    });
  }
}
