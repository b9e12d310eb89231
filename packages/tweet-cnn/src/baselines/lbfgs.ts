/** A smooth function to minimize: writes the gradient at `point`, and returns the value. */
type Objective = (point: Float64Array, gradient: Float64Array) => number;

interface LbfgsOptions {
  readonly iterations: number;
  /** Ends where no entry of the gradient is larger. */
  readonly tolerance: number;
}

const MEMORY = 5;
/** Sufficient decrease (Armijo), and strong enough curvature for the memory. */
const DECREASE = 1e-4;
const SMALLEST_CURVATURE = 1e-10;
const MOST_HALVINGS = 30;

/**
 * Limited-memory BFGS with backtracking (Nocedal & Wright, "Numerical Optimization", 2006, algorithm 7.5), for convex
 * functions. Changes `point` to the minimum.
 */
export function minimize(objective: Objective, point: Float64Array, { iterations, tolerance }: LbfgsOptions): void {
  const size = point.length;
  let gradient = new Float64Array(size);
  let value = objective(point, gradient);
  const memory: { readonly step: Float64Array; readonly change: Float64Array; readonly curvature: number }[] = [];
  for (let iteration = 0; iteration < iterations; iteration++) {
    if (gradient.every((each) => Math.abs(each) <= tolerance)) return;
    const direction = descent(gradient, memory);
    const slope = dot(direction, gradient);
    let length = memory.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    const next = new Float64Array(size);
    const nextGradient = new Float64Array(size);
    let nextValue = Infinity;
    for (let halving = 0; halving < MOST_HALVINGS; halving++, length /= 2) {
      for (let index = 0; index < size; index++) next[index] = point[index]! + length * direction[index]!;
      nextGradient.fill(0);
      nextValue = objective(next, nextGradient);
      if (nextValue <= value + DECREASE * length * slope) break;
    }
    if (!(nextValue < value)) return;
    const step = next.map((each, index) => each - point[index]!);
    const change = nextGradient.map((each, index) => each - gradient[index]!);
    const curvature = dot(step, change);
    if (curvature > SMALLEST_CURVATURE) {
      memory.push({ step, change, curvature });
      if (memory.length > MEMORY) memory.shift();
    }
    point.set(next);
    [gradient, value] = [nextGradient, nextValue];
  }
}

/** -H g by the two-loop recursion (algorithm 7.4). */
function descent(
  gradient: Float64Array,
  memory: readonly { readonly step: Float64Array; readonly change: Float64Array; readonly curvature: number }[],
): Float64Array {
  const result = gradient.slice();
  const shares: number[] = [];
  for (const { step, change, curvature } of memory.toReversed()) {
    const share = dot(step, result) / curvature;
    shares.unshift(share);
    add(result, change, -share);
  }
  const newest = memory.at(-1);
  if (newest !== undefined) {
    const scale = newest.curvature / dot(newest.change, newest.change);
    for (let index = 0; index < result.length; index++) result[index]! *= scale;
  }
  for (const [index, { step, change, curvature }] of memory.entries())
    add(result, step, shares[index]! - dot(change, result) / curvature);
  for (let index = 0; index < result.length; index++) result[index] = -result[index]!;
  return result;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}

function add(target: Float64Array, values: Float64Array, factor: number): void {
  for (let index = 0; index < target.length; index++) target[index]! += factor * values[index]!;
}
