/** Pitch scale: O'Shaughnessy's formula as in HTK, or that of Slaney's Auditory Toolbox, linear below 1000 Hz. */
export type MelScale = 'htk' | 'slaney';

export interface MelOptions {
  /** Number of bands. Default 80. */
  readonly bands?: number;
  /** Lower end of the lowest band. Default 20. */
  readonly lowestInHz?: number;
  /** Upper end of the highest band. Default: half of the sample rate. */
  readonly highestInHz?: number;
  /** Default 'htk', as Kaldi and torchaudio have it; librosa's default is 'slaney'. */
  readonly scale?: MelScale;
  /**
   * Whether bands have the same area (Slaney) or, by default, the same peak. Constant factors: `normalizeFrames`
   * removes the difference.
   */
  readonly equalArea?: boolean;
}

/** Triangular filters, each of which covers a few neighbouring bins of a spectrum. */
export interface MelFilters {
  readonly bands: number;
  /** First bin of each band [bands]. */
  readonly firstBins: Int32Array;
  /** Where each band's weights begin [bands + 1]. */
  readonly offsets: Int32Array;
  readonly weights: Float64Array;
}

const LINEAR_HZ_PER_MEL = 200 / 3;
const LOG_START_IN_HZ = 1000;
const LOG_START_IN_MEL = LOG_START_IN_HZ / LINEAR_HZ_PER_MEL;
const LOG_STEP = Math.log(6.4) / 27;

function melOfHz(hz: number, scale: MelScale): number {
  if (scale === 'htk') return 2595 * Math.log10(1 + hz / 700);
  return hz < LOG_START_IN_HZ ? hz / LINEAR_HZ_PER_MEL : LOG_START_IN_MEL + Math.log(hz / LOG_START_IN_HZ) / LOG_STEP;
}

function hzOfMel(mel: number, scale: MelScale): number {
  if (scale === 'htk') return 700 * (10 ** (mel / 2595) - 1);
  return mel < LOG_START_IN_MEL
    ? mel * LINEAR_HZ_PER_MEL
    : LOG_START_IN_HZ * Math.exp(LOG_STEP * (mel - LOG_START_IN_MEL));
}

/**
 * Triangles over the frequencies of a Fourier transform, equally far apart on the mel scale and linear in Hz, as in
 * librosa and torchaudio.
 * @throws RangeError where frequencies are out of order, or a band holds no frequency of the transform
 */
export function melFilters(sampleRateInHz: number, fftLength: number, options: MelOptions = {}): MelFilters {
  const { bands = 80, lowestInHz = 20, highestInHz = sampleRateInHz / 2, scale = 'htk', equalArea = false } = options;
  if (!Number.isSafeInteger(bands) || bands < 1)
    throw new RangeError(`mel filters: expected an integer number of bands of at least 1, got ${bands}`);
  if (!(lowestInHz >= 0 && lowestInHz < highestInHz && highestInHz <= sampleRateInHz / 2))
    throw new RangeError(
      `mel filters: expected 0 ≤ lowest < highest ≤ ${sampleRateInHz / 2} Hz, half of the sample rate, got ${lowestInHz} and ${highestInHz} Hz`,
    );
  const bins = fftLength / 2 + 1;
  if (bands > bins) throw new RangeError(emptyBand(bands, bins - 1, fftLength));
  const [low, high] = [melOfHz(lowestInHz, scale), melOfHz(highestInHz, scale)];
  const corner = (index: number) => hzOfMel(low + ((high - low) * index) / (bands + 1), scale);
  const firstBins = new Int32Array(bands);
  const offsets = new Int32Array(bands + 1);
  const weights: number[] = [];
  const hzPerBin = sampleRateInHz / fftLength;
  for (let band = 0; band < bands; band++) {
    const [left, center, right] = [corner(band), corner(band + 1), corner(band + 2)];
    const height = equalArea ? 2 / (right - left) : 1;
    firstBins[band] = bins;
    for (let bin = Math.max(0, Math.floor(left / hzPerBin)); bin < bins && bin * hzPerBin < right; bin++) {
      const hz = bin * hzPerBin;
      const weight = height * Math.min((hz - left) / (center - left), (right - hz) / (right - center));
      if (weight <= 0) continue;
      firstBins[band] = Math.min(firstBins[band]!, bin);
      weights.push(weight);
    }
    offsets[band + 1] = weights.length;
    if (offsets[band + 1] === offsets[band]) throw new RangeError(emptyBand(bands, band, fftLength));
  }
  return { bands, firstBins, offsets, weights: Float64Array.from(weights) };
}

function emptyBand(bands: number, band: number, fftLength: number): string {
  return `mel filters: expected a frequency of the transform in each of ${bands} bands, got none in band ${band}; take fewer bands or a transform longer than ${fftLength}`;
}

/** Writes the energy of each band of a power spectrum to `output`, from `offset`. */
export function applyMelFilters(
  { bands, firstBins, offsets, weights }: MelFilters,
  power: Float64Array,
  output: Float32Array,
  offset: number,
): void {
  for (let band = 0; band < bands; band++) {
    const end = offsets[band + 1]!;
    let sum = 0;
    for (let index = offsets[band]!, bin = firstBins[band]!; index < end; index++, bin++)
      sum += weights[index]! * power[bin]!;
    output[offset + band] = sum;
  }
}
