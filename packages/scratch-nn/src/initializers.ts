import type { RandomNumbers } from '@motley/run';
import { type DataType, NdArray, sizeOf } from './array.ts';

/** Fan-in and fan-out: inputs of each unit, and units that each input feeds. */
interface Fans {
  readonly inputs: number;
  readonly outputs: number;
}

/** Draws initial weights. */
export type Initializer = (shape: readonly number[], fans: Fans) => NdArray;

export const INITIALIZERS = ['he', 'glorot', 'lecun'] as const;
/** A named distribution, or a range `[low, high]` to draw from uniformly. */
type InitializerName = (typeof INITIALIZERS)[number] | readonly [number, number];

/**
 * - `he`: normal, variance 2 / inputs (He et al., 2015, equation 10), for ReLU
 * - `glorot`: uniform over ±√(6 / (inputs + outputs)) (Glorot & Bengio, 2010, equation 16), for tanh and sigmoid
 * - `lecun`: normal, variance 1 / inputs (LeCun et al., "Efficient BackProp", 1998, section 4.6)
 */
export function createInitializer(name: InitializerName, random: RandomNumbers, dataType: DataType): Initializer {
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
