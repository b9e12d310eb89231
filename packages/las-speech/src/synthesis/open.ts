import { UserError } from '@motley/run';
import type { Language } from '../alphabet.ts';
import { openEspeakNg } from './espeak-ng.ts';
import { openFlite } from './flite.ts';
import type { Synthesizer, SynthesizerName } from './synthesizer.ts';

/** espeak-ng's names of languages. */
const ESPEAK_LANGUAGES: Readonly<Record<Language, string>> = { english: 'en', czech: 'cs', dutch: 'nl' };

const HOW_TO_INSTALL = 'install it (apt-get install espeak-ng, brew install espeak-ng)';

/**
 * Opens the synthesizer: espeak-ng where it is on this machine, else flite, which came with this package.
 * @throws UserError where the chosen one is missing, or does not speak the language
 */
export async function openSynthesizer(
  choice: 'auto' | SynthesizerName = 'auto',
  language: Language = 'english',
): Promise<Synthesizer> {
  const espeak = choice === 'flite' ? undefined : await openEspeakNg(ESPEAK_LANGUAGES[language]);
  if (espeak !== undefined) return espeak;
  if (choice === 'espeak-ng')
    throw new UserError(`espeak-ng: expected the program on this machine, found none; ${HOW_TO_INSTALL}`);
  if (language !== 'english')
    throw new UserError(
      `synthesis: flite speaks English alone; for ${language}, expected espeak-ng, found none; ${HOW_TO_INSTALL}`,
    );
  return openFlite();
}
