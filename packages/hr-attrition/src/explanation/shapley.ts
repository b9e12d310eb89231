/** Players that a sum over all coalitions is feasible for: 2¹⁶ coalitions. */
const MOST_PLAYERS = 16;

/** Values of coalitions: [2^players], by bit mask. */
export type CoalitionValues = ArrayLike<number>;

/**
 * Exact Shapley values φ_i = Σ_S |S|! (n − |S| − 1)! / n! (v(S ∪ i) − v(S)) over all coalitions without i (Shapley, 1953;
 * Lundberg & Lee, 2017, equation 4). They sum to v(all) − v(none).
 * @param values of the coalitions: bit i of the index tells whether player i is in
 * @throws RangeError where there is not one value for each coalition of at most 16 players
 */
export function shapleyValues(values: CoalitionValues): Float64Array {
  const players = Math.log2(values.length);
  if (!Number.isInteger(players) || players < 1 || players > MOST_PLAYERS)
    throw new RangeError(`shapleyValues: expected 2 to 2^${MOST_PLAYERS} coalitions, got ${values.length}`);
  const weights = coalitionWeights(players);
  const result = new Float64Array(players);
  for (let coalition = 0; coalition < values.length; coalition++) {
    const weight = weights[bitCount(coalition)];
    for (let player = 0; player < players; player++)
      if ((coalition & (1 << player)) === 0)
        result[player]! += weight! * (values[coalition | (1 << player)]! - values[coalition]!);
  }
  return result;
}

/** s! (n − s − 1)! / n! by size s of the coalition: 1 / (n · C(n − 1, s)). */
function coalitionWeights(players: number): Float64Array {
  const weights = new Float64Array(players);
  let combinations = 1;
  for (let size = 0; size < players; size++) {
    weights[size] = 1 / (players * combinations);
    combinations = (combinations * (players - 1 - size)) / (size + 1);
  }
  return weights;
}

function bitCount(value: number): number {
  let count = 0;
  for (let rest = value; rest > 0; rest &= rest - 1) count++;
  return count;
}
