/**
 * Exponential moving average over all values of a curve, with the correction of Adam (Kingma and Ba, 2015, section 3)
 * for its start at 0: `mₙ = w·mₙ₋₁ + (1−w)·yₙ`, shown as `mₙ / (1−wⁿ)`. Values that are no numbers are passed over.
 * @param weight 0 to below 1
 * @returns one average for each value; NaN before the first number
 */
export function smoothed(values: Float64Array, weight: number): Float64Array {
  const result = new Float64Array(values.length);
  let [average, debt, last] = [0, 1, NaN];
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (Number.isFinite(value)) {
      average = weight * average + (1 - weight) * value;
      debt *= weight;
      last = average / (1 - debt);
    }
    result[index] = last;
  }
  return result;
}
