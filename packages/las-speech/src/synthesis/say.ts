import { resample } from '@motley/core/audio';
import { shown, suggestion, UserError } from '@motley/run';
import type { Language } from '../alphabet.ts';
import { SAMPLE_RATE_IN_HZ } from '../sample-rate.ts';
import { openSynthesizer } from './open.ts';
import type { Delivery, SynthesizerName } from './synthesizer.ts';

export interface SayOptions extends Partial<Delivery> {
  readonly synthesizer?: 'auto' | SynthesizerName;
  readonly language?: Language;
}

/** A text as it was said. */
export interface Said {
  /** Samples from -1 to 1 at 16 kHz. */
  readonly samples: Float32Array;
  readonly sampleRateInHz: number;
  /** Name and version: `espeak-ng 1.51`. */
  readonly synthesizer: string;
  readonly voice: string;
}

/** Characters of a text: ten minutes of speech. */
const MOST_CHARACTERS = 8000;

/**
 * Says any text by one voice. Default: the synthesizer's first voice, 170 words per minute, its own pitch.
 * @throws UserError for an empty or very long text, and for a voice or a delivery that there is not
 */
export async function say(text: string, options: SayOptions = {}): Promise<Said> {
  const plain = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  if (!/[\p{L}\p{N}]/u.test(plain)) throw new UserError(`say: expected words, found ${shown(text)}`);
  if (plain.length > MOST_CHARACTERS)
    throw new UserError(`say: expected at most ${MOST_CHARACTERS} characters, found ${plain.length}`);
  const { wordsPerMinute = 170, pitchInSemitones = 0, pitchRange = 1 } = options;
  check('words per minute', wordsPerMinute, 80, 400);
  check('pitch in semitones', pitchInSemitones, -6, 6);
  check('pitch range', pitchRange, 0, 2);
  const synthesizer = await openSynthesizer(options.synthesizer, options.language);
  try {
    const names = synthesizer.voices.map(({ name }) => name);
    const { voice = names[0]! } = options;
    if (!names.includes(voice))
      throw new UserError(
        `say: expected a voice of ${synthesizer.name}, such as ${names.slice(0, 3).join(', ')}, found ${shown(voice)}${suggestion(voice, names)}`,
      );
    const delivery: Delivery = { voice, wordsPerMinute, pitchInSemitones, pitchRange };
    const [speech] = await synthesizer.speak([{ text: plain, delivery }]);
    const samples = resample(speech!.samples, speech!.sampleRateInHz, SAMPLE_RATE_IN_HZ);
    const { name, version } = synthesizer;
    return { samples, sampleRateInHz: SAMPLE_RATE_IN_HZ, synthesizer: `${name} ${version}`, voice };
  } finally {
    await synthesizer.close();
  }
}

function check(what: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most))
    throw new UserError(`say: expected ${what} from ${least} to ${most}, found ${value}`);
}
