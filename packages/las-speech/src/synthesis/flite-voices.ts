import { shown, UserError } from '@motley/run';
import type { Delivery, Voice } from './synthesizer.ts';

/** A voice as it speaks without settings. */
interface OwnVoice {
  /** Speed at which espeak-ng speaks as many letters a second. */
  readonly wordsPerMinute: number;
  /** Pitch that the settings replace; undefined where the voice has a melody of its own that they do not reach. */
  readonly pitch?: { readonly meanInHz: number; readonly deviationInHz: number };
}

/** Voices of 16 kHz. A fifth, `kal`, is `kal16` at 8 kHz. Measured. */
const OWN_VOICES: Readonly<Record<string, OwnVoice>> = {
  slt: { wordsPerMinute: 143, pitch: { meanInHz: 170, deviationInHz: 11 } },
  kal16: { wordsPerMinute: 170, pitch: { meanInHz: 95, deviationInHz: 11 } },
  rms: { wordsPerMinute: 133 },
  awb: { wordsPerMinute: 132 },
};

export const fliteVoices: readonly Voice[] = Object.keys(OWN_VOICES).map((name) => ({
  name,
  accent: name === 'awb' ? 'en-gb-scotland' : 'en-us',
  family: name,
}));

/** Flite's settings for a delivery, as arguments. @throws UserError for a voice that there is not */
export function fliteArguments(delivery: Delivery): string[] {
  const { voice, wordsPerMinute, pitchInSemitones, pitchRange } = delivery;
  const own = Object.hasOwn(OWN_VOICES, voice) ? OWN_VOICES[voice] : undefined;
  if (own === undefined)
    throw new UserError(`flite: expected a voice of ${Object.keys(OWN_VOICES).join(', ')}, found ${shown(voice)}`);
  const settings: Record<string, number> = { duration_stretch: own.wordsPerMinute / wordsPerMinute };
  if (own.pitch !== undefined) {
    settings.int_f0_target_mean = own.pitch.meanInHz * 2 ** (pitchInSemitones / 12);
    settings.int_f0_target_stddev = own.pitch.deviationInHz * pitchRange;
  }
  const listed = Object.entries(settings).flatMap(([name, value]) => ['--setf', `${name}=${value.toFixed(3)}`]);
  return ['-voice', voice, ...listed];
}
