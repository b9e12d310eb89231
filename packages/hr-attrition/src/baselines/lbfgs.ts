/** Value and gradient of a function at a point. */
export type Objective = (point: Float64Array) => { readonly value: number; readonly gradient: Float64Array };

/** Pairs of steps and changes of the gradient that the approximation keeps. */
const HISTORY = 20;
const SUFFICIENT_DECREASE = 1e-4;
const MOST_HALVINGS = 40;

export interface MinimizeOptions {
  readonly maxIterations?: number;
  /** Largest component of the gradient at the end. */
  readonly tolerance?: number;
}

/**
 * Minimum of a smooth convex function by L-BFGS with backtracking (Nocedal & Wright, "Numerical optimization", 2006,
 * algorithms 7.4 and 3.1).
 */
export function minimize(
  objective: Objective,
  start: Float64Array,
  { maxIterations = 1000, tolerance = 1e-7 }: MinimizeOptions = {},
): Float64Array {
  let point = start;
  let { value, gradient } = objective(point);
  const pairs: { readonly step: Float64Array; readonly change: Float64Array; readonly inverse: number }[] = [];
  for (let iteration = 0; iteration < maxIterations; iteration++) {
    if (gradient.every((each) => Math.abs(each) <= tolerance)) break;
    const direction = gradient.map((each) => -each);
    const factors: number[] = [];
    for (const { step, change, inverse } of [...pairs].reverse()) {
      const factor = inverse * dot(step, direction);
      factors.push(factor);
      addScaled(direction, change, -factor);
    }
    const last = pairs.at(-1);
    const scale =
      last === undefined
        ? 1 / Math.max(1, Math.sqrt(dot(gradient, gradient)))
        : 1 / (last.inverse * dot(last.change, last.change));
    direction.forEach((each, index) => (direction[index] = each * scale));
    for (const { step, change, inverse } of pairs)
      addScaled(direction, step, factors.pop()! - inverse * dot(change, direction));

    const slope = dot(gradient, direction);
    let length = 1;
    let next = objective(moved(point, direction, length));
    for (let halving = 0; halving < MOST_HALVINGS; halving++) {
      if (next.value <= value + SUFFICIENT_DECREASE * length * slope) break;
      length /= 2;
      next = objective(moved(point, direction, length));
    }
    if (!(next.value < value)) break; // rounding is reached
    const step = direction.map((each) => each * length);
    const change = next.gradient.map((each, index) => each - gradient[index]!);
    const curvature = dot(step, change);
    if (curvature > 0) pairs.push({ step, change, inverse: 1 / curvature });
    if (pairs.length > HISTORY) pairs.shift();
    point = moved(point, step, 1);
    ({ value, gradient } = next);
  }
  return point;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}

function addScaled(target: Float64Array, values: Float64Array, factor: number): void {
  for (let index = 0; index < target.length; index++) target[index]! += factor * values[index]!;
}

function moved(point: Float64Array, direction: Float64Array, length: number): Float64Array {
  return point.map((each, index) => each + length * direction[index]!);
}
