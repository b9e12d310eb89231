import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { UserError, shown } from '@motley/run';
import { espeakVoices } from './espeak-voices.ts';
import type { Delivery, Speech, Synthesizer } from './synthesizer.ts';

const PROGRAM = 'espeak-ng';
const TIME_LIMIT_IN_MS = 30_000;
/** Output of one call: 20 minutes of speech. */
const MOST_BYTES = 64 * 2 ** 20;
const HEADER_BYTES = 44;
/** Steps of `-p` per semitone. Measured: 25 steps are 3.8 semitones. */
const STEPS_PER_SEMITONE = 6.6;

/**
 * Opens espeak-ng (https://github.com/espeak-ng/espeak-ng), a formant synthesizer, as the program on this machine. One
 * process speaks one text, in about 10 ms.
 * @param language `en`, `cs`, `nl` …
 * @returns undefined where it is not installed
 * @throws UserError where it has no voice for the language
 */
export async function openEspeakNg(language: string): Promise<Synthesizer | undefined> {
  let banner: string;
  try {
    banner = (await run(['--version'])).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UserError(`${PROGRAM} --version: ${reasonOf(error)}`, { cause: error });
  }
  const version = /(\d+\.\d[\w.-]*)/.exec(banner)?.[1] ?? 'unknown';
  const [languages, variants] = await Promise.all([run([`--voices=${language}`]), run(['--voices=variant'])]);
  const voices = espeakVoices(language, languages.toString('utf8'), variants.toString('utf8'));
  if (voices.length === 0) throw new UserError(`${PROGRAM} ${version}: expected a voice for ${shown(language)}, found none`);
  return {
    name: PROGRAM,
    version,
    voices,
    // While the others speak, this process starts the next one and resamples.
    lanes: Math.min(availableParallelism() + 1, 16),
    speak,
    close: () => Promise.resolve(),
  };
}

async function speak(text: string, delivery: Delivery): Promise<Speech> {
  const { voice, wordsPerMinute, pitchInSemitones, pitchRange } = delivery;
  const markup = `<prosody range="${Math.round(100 * pitchRange)}%">${escaped(text)}</prosody>`;
  const options = {
    '-v': voice,
    '-s': Math.round(wordsPerMinute),
    '-p': Math.round(50 + STEPS_PER_SEMITONE * pitchInSemitones),
  };
  // -m reads markup, which alone sets the pitch's range; -z leaves out the pause after the last word.
  const argv = [...Object.entries(options).flatMap(([name, value]) => [name, String(value)]), '-m', '-z', '--stdout'];
  try {
    return parseSpeech(await run([...argv, '--', markup]));
  } catch (error) {
    throw new UserError(`${PROGRAM}, voice ${voice}, text ${shown(text)}: ${reasonOf(error)}`, { cause: error });
  }
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Reads WAVE as espeak-ng writes it to a pipe: a header of 44 bytes without sizes, mono, 16 bits. */
function parseSpeech(bytes: Buffer): Speech {
  if (bytes.length < HEADER_BYTES || bytes.toString('latin1', 0, 4) !== 'RIFF')
    throw new Error(`expected a WAVE file on its output, found ${bytes.length} bytes`);
  const samples = new Float32Array((bytes.length - HEADER_BYTES) >> 1);
  for (let index = 0; index < samples.length; index++)
    samples[index] = bytes.readInt16LE(HEADER_BYTES + 2 * index) / 2 ** 15;
  return { sampleRateInHz: bytes.readUInt32LE(24), samples };
}

/** @returns standard output */
function run(argv: readonly string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { encoding: 'buffer', maxBuffer: MOST_BYTES, timeout: TIME_LIMIT_IN_MS, killSignal: 'SIGKILL' } as const;
    const child = execFile(PROGRAM, argv, options, (error, stdout) => {
      if (error === null) resolve(stdout);
      else reject(error);
    });
    child.stdin?.end();
  });
}

function reasonOf(error: unknown): string {
  const { killed = false, code, message } = error as Error & { killed?: boolean; code?: unknown };
  if (killed) return `no end after ${TIME_LIMIT_IN_MS / 1000} s`;
  if (typeof code === 'number') return `ended with exit code ${code}`;
  return code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER' ? 'expected less than 64 MiB of speech, found more' : message;
}
