export { type DeltaOptions, mfcc, type MfccOptions, withDeltas } from './cepstrum.ts';
export { RealFft } from './fft.ts';
export { type Frames, type NormalizationOptions, normalizeFrames, stackFrames, type StackOptions } from './frames.ts';
export { logMel, type LogMelOptions } from './log-mel.ts';
export type { MelOptions, MelScale } from './mel.ts';
export { bytesToResample, resample } from './resample.ts';
export { specAugment, type SpecAugmentOptions } from './spec-augment.ts';
export type { WindowOptions, WindowShape } from './spectra.ts';
