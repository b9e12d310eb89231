import { decodeSafetensors } from '../../checkpoint/safetensors.ts';
import { binValues, type HistogramBins } from '../figures/histogram-bins.ts';

/**
 * Histograms of each array's finite values, by `weights/<name>`; arrays without any are left out.
 * @param weights the bytes of a safetensors file
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
