import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { UserError, shown } from '@motley/run';
import { espeakVoices } from './espeak-voices.ts';
import type { Line, Speech, Synthesizer } from './synthesizer.ts';
import { parseSpeech, toFloat, type Pcm } from './wave.ts';

const PROGRAM = 'espeak-ng';
const TIME_LIMIT_IN_MS = 60_000;
/** Output of one call: 25 minutes of speech. */
const MOST_BYTES = 64 * 2 ** 20;
/** Speed of `-s`, which the markup's percentages refer to. */
const WORDS_PER_MINUTE = 100;
/** Percent of pitch per semitone. Measured: 50 % are 3.8 semitones. */
const PERCENT_PER_SEMITONE = 13;
/** Pause between two lines, and the silence that tells it from pauses inside a line. */
const [PAUSE_IN_MS, LEAST_PAUSE_IN_MS] = [1000, 600];
/** Lines of one process. It takes 12 ms or more to start, and 2 ms for each line. */
const LINES_PER_CALL = 50;

/**
 * Opens espeak-ng (https://github.com/espeak-ng/espeak-ng), a formant synthesizer, as the program on this machine. A
 * process speaks several lines, which pauses separate.
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
  if (voices.length === 0)
    throw new UserError(`${PROGRAM} ${version}: expected a voice for ${shown(language)}, found none`);
  return {
    name: PROGRAM,
    version,
    voices,
    // While the others speak, this process starts the next one and resamples.
    lanes: Math.min(availableParallelism() + 1, 16),
    linesPerCall: LINES_PER_CALL,
    speak: speaker(),
    close: () => Promise.resolve(),
  };
}

/** Speaks lines together where pauses separate them, and one by one where a voice's echo fills the pauses. */
function speaker(): Synthesizer['speak'] {
  const echoing = new Set<string>();
  return async (lines) => {
    const voice = lines[0]?.delivery.voice;
    if (voice === undefined) return [];
    if (lines.some(({ delivery }) => delivery.voice !== voice))
      throw new RangeError('espeak-ng: expected lines of one voice');
    if (lines.length > 1 && !echoing.has(voice)) {
      const { sampleRateInHz, samples } = await speakTogether(voice, lines);
      const parts = splitAtPauses(samples, (LEAST_PAUSE_IN_MS / 1000) * sampleRateInHz);
      if (parts.length === lines.length) return parts.map((part) => ({ sampleRateInHz, samples: toFloat(part) }));
      echoing.add(voice);
    }
    const speeches: Speech[] = [];
    for (const line of lines) {
      const { sampleRateInHz, samples } = await speakTogether(voice, [line]);
      speeches.push({ sampleRateInHz, samples: toFloat(samples) });
    }
    return speeches;
  };
}

async function speakTogether(voice: string, lines: readonly Line[]): Promise<Pcm> {
  const markup = lines.map(({ text, delivery: { wordsPerMinute, pitchInSemitones, pitchRange } }) => {
    const attributes = {
      rate: Math.round((100 * wordsPerMinute) / WORDS_PER_MINUTE),
      pitch: Math.round(100 + PERCENT_PER_SEMITONE * pitchInSemitones),
      range: Math.round(100 * pitchRange),
    };
    const list = Object.entries(attributes).map(([name, percent]) => `${name}="${percent}%"`);
    return `<prosody ${list.join(' ')}>${escaped(text)}.</prosody>`;
  });
  // -m reads markup, -z leaves out the pause after the last word. Each line of the input is an utterance.
  const argv = ['-v', voice, '-s', String(WORDS_PER_MINUTE), '-m', '-z', '--stdout'];
  try {
    return parseSpeech(await run(argv, `${markup.join(`<break time="${PAUSE_IN_MS}ms"/>\n`)}\n`));
  } catch (error) {
    throw new UserError(`${PROGRAM}, voice ${voice}, text ${shown(lines[0]?.text)}: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/** Splits at runs of silence. A run's samples are zero: it is no part of speech. */
function splitAtPauses(samples: Int16Array, leastPause: number): Int16Array[] {
  const parts: Int16Array[] = [];
  let [start, end] = [0, 0];
  for (let index = 0; index < samples.length; index++) {
    if (samples[index] === 0) continue;
    if (end > start && index - end >= leastPause) {
      parts.push(samples.subarray(start, end));
      start = index;
    }
    end = index + 1;
  }
  if (end > start) parts.push(samples.subarray(start, end));
  return parts;
}

const escaped = (text: string): string =>
  text.replaceAll(/\s+/g, ' ').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** @returns standard output */
async function run(argv: readonly string[], input = ''): Promise<Buffer> {
  const limits = { maxBuffer: MOST_BYTES, timeout: TIME_LIMIT_IN_MS, killSignal: 'SIGKILL' } as const;
  const running = promisify(execFile)(PROGRAM, argv, { encoding: 'buffer', ...limits });
  // A process that fails closes its input early; its exit code says why.
  running.child.stdin?.on('error', () => undefined).end(input);
  return (await running).stdout;
}

function reasonOf(error: unknown): string {
  const { killed = false, code, message } = error as Error & { killed?: boolean; code?: unknown };
  if (killed) return `no end after ${TIME_LIMIT_IN_MS / 1000} s`;
  if (typeof code === 'number') return `ended with exit code ${code}`;
  return code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER' ? 'expected less than 64 MiB of speech, found more' : message;
}
