import { type DataType, NdArray, sizeOf } from './array.ts';

/** Where random numbers come from: core's `RandomStream` is one. */
export interface Random {
  uniformValues(count: number, low?: number, high?: number): Float32Array;
  normalValues(count: number, mean?: number, standardDeviation?: number): Float32Array;
}

/** How many numbers a unit takes in, and how many units take in each. */
export interface Fans {
  readonly inputs: number;
  readonly outputs: number;
}

/** Makes the initial weights of a shape. */
export type Initialise = (shape: readonly number[], fans: Fans) => NdArray;

/** The named ways; a range `[low, high]` is a uniform distribution over it. */
export const INITIALISERS = ['he', 'glorot', 'lecun'] as const;
export type InitialiserName = (typeof INITIALISERS)[number] | readonly [number, number];

/**
 * - `he`: normal, variance 2 / inputs (He et al., 2015, equation 10), for ReLU
 * - `glorot`: uniform over ±√(6 / (inputs + outputs)) (Glorot & Bengio, 2010, equation 16), for tanh and sigmoid
 * - `lecun`: normal, variance 1 / inputs (LeCun et al., "Efficient BackProp", 1998, section 4.6)
 */
export function initialiser(name: InitialiserName, random: Random, dataType: DataType): Initialise {
  const normal = (shape: readonly number[], variance: number): NdArray =>
    NdArray.from(random.normalValues(sizeOf(shape), 0, Math.sqrt(variance)), shape, dataType);
  const uniform = (shape: readonly number[], low: number, high: number): NdArray =>
    NdArray.from(random.uniformValues(sizeOf(shape), low, high), shape, dataType);
  if (typeof name !== 'string') return (shape) => uniform(shape, ...name);
  switch (name) {
    case 'he':
      return (shape, { inputs }) => normal(shape, 2 / inputs);
    case 'glorot':
      return (shape, { inputs, outputs }) => {
        const limit = Math.sqrt(6 / (inputs + outputs));
        return uniform(shape, -limit, limit);
      };
    case 'lecun':
      return (shape, { inputs }) => normal(shape, 1 / inputs);
  }
}
