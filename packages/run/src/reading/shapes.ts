/** Number of values of a shape. Infinity where it exceeds a double; never NaN for sizes of at least 0. */
export function sizeOf(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, length) => product * length, 1);
}

/** Whether a value from a file is a list of sizes. */
export function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && (each as number) >= 0);
}
