export { type DeltaOptions, mfcc, type MfccOptions, withDeltas } from './cepstrum.ts';
export { addEcho, convolve, type EchoOptions } from './echo.ts';
export { RealFft } from './fft.ts';
export { type Frames, type NormalizationOptions, normalizeFrames, stackFrames, type StackOptions } from './frames.ts';
export { activeSpeechPower, changeGain } from './levels.ts';
export { logMel, type LogMelOptions } from './log-mel.ts';
export type { MelOptions, MelScale } from './mel.ts';
export {
  addNoise,
  type AddNoiseOptions,
  babble,
  coloredNoise,
  hum,
  type HumOptions,
  type NoiseColor,
} from './noise.ts';
export {
  composeSounds,
  type NoiseKind,
  randomEcho,
  randomGain,
  randomNoise,
  type RandomNoiseOptions,
  randomSpeed,
  sometimes,
  type SoundAugmentation,
} from './random-sounds.ts';
export { bytesToResample, resample, type ResamplingOptions } from './resample.ts';
export {
  absorptionOf,
  randomRoom,
  type RandomRoomOptions,
  type Room,
  roomResponse,
  type RoomResponseOptions,
  rt60Of,
} from './room.ts';
export { specAugment, type SpecAugmentOptions, warpFrames } from './spec-augment.ts';
export type { WindowOptions, WindowShape } from './spectra.ts';
export { changeSpeed } from './speed.ts';
