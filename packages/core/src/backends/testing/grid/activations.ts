import type { Draw } from './draw.ts';
import type { GridNumbers } from './tensor.ts';

/** Function that a fused kernel applies to its product. */
export interface Activation {
  readonly activation: 'linear' | 'relu' | 'relu6' | 'elu' | 'sigmoid' | 'leakyrelu' | 'prelu';
  readonly leakyreluAlpha?: number;
}

const FUNCTIONS: Readonly<Record<Activation['activation'], (x: number, slope: number) => number>> = {
  linear: (x) => x,
  relu: (x) => Math.max(x, 0),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  elu: (x) => (x < 0 ? Math.expm1(x) : x),
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  leakyrelu: (x, slope) => (x < 0 ? slope * x : x),
  prelu: (x, slope) => (x < 0 ? slope * x : x),
};

/** An activation, and at times a bias, for results with so many channels. */
export function drawActivation(
  draw: Draw,
  channels: number,
): { attributes: Activation; inputs: Readonly<Record<string, GridNumbers>> } {
  const activation = draw.choose(Object.keys(FUNCTIONS) as Activation['activation'][]);
  const inputs: Record<string, GridNumbers> = draw.rarely(3) ? {} : { bias: draw.floats([channels]) };
  if (activation === 'prelu') inputs.preluActivationWeights = draw.floats([channels]);
  return { attributes: { activation, ...(activation === 'leakyrelu' ? { leakyreluAlpha: 0.3 } : {}) }, inputs };
}

/** Adds the bias to the last axis, and applies the activation. */
export function activate(
  x: GridNumbers,
  bias: GridNumbers | undefined,
  slopes: GridNumbers | undefined,
  { activation, leakyreluAlpha = 0 }: Activation,
): GridNumbers {
  const channels = x.shape.at(-1)!;
  const values = Float64Array.from(x.values, (value, index) =>
    FUNCTIONS[activation](
      value + (bias?.values[index % channels] ?? 0),
      slopes?.values[index % channels] ?? leakyreluAlpha,
    ),
  );
  return { ...x, values };
}
