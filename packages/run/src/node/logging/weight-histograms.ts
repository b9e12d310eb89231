import { decodeSafetensors } from '../../checkpoint/safetensors.ts';
import { binValues, type HistogramBins } from '../figures/histogram-bins.ts';

/**
 * Histograms of the finite values of each array, by `weights/<name>`. Arrays without finite values are left out.
 * @param weights bytes of a safetensors file
 */
export function weightHistograms(
  weights: Uint8Array,
  bins: number,
): (readonly [tag: string, histogram: HistogramBins])[] {
  return [...decodeSafetensors(weights, 'weights').tensors].flatMap(([name, { values }]) => {
    if (values instanceof BigInt64Array || !values.some(Number.isFinite)) return [];
    return [[`weights/${name}`, binValues(values, bins)] as const];
  });
}
