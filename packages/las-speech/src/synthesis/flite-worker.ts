import { parentPort, workerData } from 'node:worker_threads';
import { ConsoleStdout, File, OpenFile, PreopenDirectory, WASI } from '@bjorn3/browser_wasi_shim';
import { webAssembly } from '@motley/webassembly';

/** Texts of one call. */
export interface FliteRequest {
  readonly call: number;
  readonly lines: readonly { readonly text: string; readonly settings: readonly string[] }[];
}

/** WAVE files of one call, or what went wrong. */
export type FliteReply =
  | { readonly call: number; readonly files: readonly Uint8Array<ArrayBuffer>[] }
  | { readonly call: number; readonly error: string };

const OUTPUT = 'speech.wav';

/** Runs flite once. Its files are in memory: it sees nothing of the machine. */
function run(program: object, argv: readonly string[]): Uint8Array<ArrayBuffer> {
  const messages: string[] = [];
  const console = (): ConsoleStdout => ConsoleStdout.lineBuffered((line) => messages.push(line));
  const folder = new PreopenDirectory('/', new Map());
  const wasi = new WASI(['flite', ...argv], [], [new OpenFile(new File([])), console(), console(), folder], {
    debug: false,
  });
  const instance = new webAssembly.Instance(program, { wasi_snapshot_preview1: wasi.wasiImport });
  const status = wasi.start(instance as Parameters<WASI['start']>[0]);
  const file = folder.dir.contents.get(OUTPUT);
  if (status !== 0 || !(file instanceof File))
    throw new Error(`ended with exit code ${status}: ${messages.join(' ').slice(0, 200)}`);
  return Uint8Array.from(file.data);
}

const port = parentPort!;
port.on('message', ({ call, lines }: FliteRequest) => {
  try {
    const files = lines.map(({ text, settings }) =>
      run(workerData as object, [...settings, '-t', text, '-o', `/${OUTPUT}`]),
    );
    port.postMessage(
      { call, files } satisfies FliteReply,
      files.map(({ buffer }) => buffer),
    );
  } catch (error) {
    port.postMessage({ call, error: error instanceof Error ? error.message : String(error) } satisfies FliteReply);
  }
});
