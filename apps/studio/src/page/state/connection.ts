import type { StudioEvent } from '../../shared/api.ts';
import { EventLines } from './event-lines.ts';
import { TOKEN_HEADER, readToken } from './token.ts';

/** `live`: events come; `connecting`: the first try; `lost`: the server went away, and is asked again and again. */
export type ConnectionStatus = 'connecting' | 'live' | 'lost';

/** Message from the one stream of a browser to its tabs. */
export type StreamMessage =
  | { readonly kind: 'event'; readonly event: StudioEvent }
  | { readonly kind: 'status'; readonly status: ConnectionStatus };

const FIRST_PAUSE_IN_MS = 250;
const LONGEST_PAUSE_IN_MS = 4000;

/** Stream of the studio's events that comes back after the server did. */
export class Connection {
  status: ConnectionStatus = 'connecting';
  readonly #url: string;
  readonly #report: (message: StreamMessage) => void;
  readonly #stopped = new AbortController();

  constructor(url: string, report: (message: StreamMessage) => void) {
    this.#url = url;
    this.#report = report;
    void this.#run();
  }

  close(): void {
    this.#stopped.abort();
  }

  async #run(): Promise<void> {
    let pause = FIRST_PAUSE_IN_MS;
    let isTokenStale = false;
    while (!this.#stopped.signal.aborted) {
      try {
        const token = await readToken(isTokenStale);
        const response = await fetch(this.#url, {
          headers: { [TOKEN_HEADER]: token, accept: 'text/event-stream' },
          cache: 'no-store',
          signal: this.#stopped.signal,
        });
        // A server that was started again has another token.
        isTokenStale = !response.ok;
        if (response.ok && response.body !== null) {
          this.#tell('live');
          pause = FIRST_PAUSE_IN_MS;
          await this.#read(response.body);
        }
      } catch {
        // The pause below follows, whatever broke.
        isTokenStale = true;
      }
      this.#tell('lost');
      await new Promise((resolve) => setTimeout(resolve, pause));
      pause = Math.min(LONGEST_PAUSE_IN_MS, pause * 2);
    }
  }

  async #read(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    const lines = new EventLines();
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      for (const data of lines.push(value)) {
        try {
          this.#report({ kind: 'event', event: JSON.parse(data) as StudioEvent });
        } catch {
          // A damaged event is left out: the next one, or the next list of runs, has what it said.
        }
      }
    }
  }

  #tell(status: ConnectionStatus): void {
    if (this.#stopped.signal.aborted || status === this.status) return;
    this.status = status;
    this.#report({ kind: 'status', status });
  }
}
