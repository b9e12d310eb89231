import type { PlainCommand } from '@motley/run/node';
import { userPath, writeFileAtomically } from '@motley/run/node';
import { z } from 'zod';
import { LANGUAGES } from './alphabet.ts';
import { fetchRecordings } from './recordings/fetch.ts';
import { recordingPackages } from './recordings/locations.ts';
import { say } from './synthesis/say.ts';
import { encodeWav } from './synthesis/wave.ts';

const sayOptions = {
  output: z.string().default('said.wav').describe('a WAVE file that any player opens'),
  voice: z.string().nullable().default(null).describe("the synthesizer's first"),
  wordsPerMinute: z.number().default(170).describe('the middle of what the training hears'),
  pitch: z.number().default(0).describe("semitones from the voice's own"),
  language: z.enum(LANGUAGES).default('english').describe('the language of the default run'),
  synthesizer: z
    .enum(['auto', 'espeak-ng', 'flite'])
    .default('auto')
    .describe('espeak-ng where it is installed, else flite'),
};

/** Says a text as the generator of the training would. */
export const sayCommand: PlainCommand<typeof sayOptions> = {
  description: 'say a text as the generator does, into a WAVE file',
  texts: 'the text',
  options: sayOptions,
  async run({ texts, options, print }) {
    const { output, voice, wordsPerMinute, pitch, language, synthesizer } = options;
    const delivery = { wordsPerMinute, pitchInSemitones: pitch, ...(voice !== null && { voice }) };
    const said = await say(texts.join(' '), { ...delivery, language, synthesizer });
    const path = userPath(output, 'say');
    await writeFileAtomically(path, encodeWav(said.samples, said.sampleRateInHz));
    const seconds = (said.samples.length / said.sampleRateInHz).toFixed(1);
    print(`${path}: ${seconds} s by ${said.synthesizer}, voice ${said.voice}`);
  },
};

/** Fetches recordings. */
export const fetchCommand: PlainCommand = {
  description: "fetch packages of recorded speech by this machine's own apt, or from .deb files",
  texts: `packages (default: all of ${Object.keys(recordingPackages).join(', ')}), or paths of .deb files`,
  run: ({ texts, print }) => fetchRecordings(texts, print),
};
