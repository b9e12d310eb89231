import { type Signal, signal } from '@preact/signals';
import { startingValue, wantsExample } from './inputs/starting-values.ts';
import type { BackendWish, DemoDescription, DemoSource, FromWorker, ToWorker, Values } from './messages.ts';

export type DemoState =
  | { readonly kind: 'loading'; readonly what: string }
  | { readonly kind: 'ready'; readonly demo: DemoDescription }
  | { readonly kind: 'failed'; readonly message: string };

/** Changes within this time make one run. */
const GATHERING_IN_MS = 8;

/** A demo with its worker: values go in, results come out. */
export class DemoStore {
  readonly state: Signal<DemoState> = signal<DemoState>({ kind: 'loading', what: 'run' });
  readonly values = signal<Values>({});
  readonly results = signal<Values>({});
  readonly isRunning = signal(false);
  readonly milliseconds = signal<number | undefined>(undefined);
  /** From the call of `open` to the first result. */
  readonly firstResultInMs = signal<number | undefined>(undefined);
  readonly error = signal<string | undefined>(undefined);
  readonly #worker: Worker;
  readonly #startedAt = performance.now();
  #source: DemoSource | undefined;
  #number = 0;
  #changed: Record<string, unknown> = {};
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Examples without which the first run does not start. */
  readonly #awaited = new Set<string>();

  constructor() {
    this.#worker = new Worker(new URL('./demo-worker.ts', import.meta.url), { type: 'module' });
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      this.#take(data);
    };
    this.#worker.onerror = ({ message }) => {
      this.state.value = { kind: 'failed', message: message || 'the worker of the demo could not start' };
    };
  }

  /** Loads a run. Its end is a state. */
  async open(find: () => Promise<DemoSource>, backend: BackendWish): Promise<void> {
    try {
      this.#source = await find();
      this.#send({ kind: 'load', source: this.#source, backend });
    } catch (error) {
      this.state.value = { kind: 'failed', message: (error as Error).message };
    }
  }

  /** Ends the worker, and with it all that computes. */
  close(): void {
    clearTimeout(this.#timer);
    this.#worker.terminate();
  }

  /** Changes a value. A demo that is not started at a button runs again. */
  set(name: string, value: unknown): void {
    this.values.value = { ...this.values.value, [name]: value };
    this.#changed[name] = value;
    const { value: state } = this.state;
    if (state.kind === 'ready' && !state.demo.isStarted) this.#runSoon();
  }

  start(): void {
    const { value: state } = this.state;
    if (state.kind !== 'ready') return;
    if (!this.#isComplete()) return;
    const values = this.#changed;
    this.#changed = {};
    this.isRunning.value = true;
    this.error.value = undefined;
    this.#send({ kind: 'run', number: ++this.#number, values });
  }

  stop(): void {
    this.#send({ kind: 'stop' });
  }

  /** Asks for a value to start from. */
  askForExample(input: string, index: number): void {
    const { value: state } = this.state;
    if (state.kind === 'ready' && !state.demo.isStarted) this.isRunning.value = true;
    this.#send({ kind: 'example', input, index });
  }

  /** Inputs and outputs as JSON, every number of them. */
  toJson(): string {
    const { value: state } = this.state;
    const backend = state.kind === 'ready' ? state.demo.backend : undefined;
    return JSON.stringify(
      { system: this.#source?.system, backend, inputs: this.values.value, outputs: this.results.value },
      (_, value: unknown) => (ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value),
    );
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  /** Whether every control has a value. */
  #isComplete(): boolean {
    const { value: state } = this.state;
    if (state.kind !== 'ready') return false;
    return Object.keys(state.demo.inputs).every((name) => this.values.value[name] !== undefined);
  }

  #runSoon(): void {
    if (this.#awaited.size > 0) return;
    this.isRunning.value = this.#isComplete();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.start();
    }, GATHERING_IN_MS);
  }

  #take(message: FromWorker): void {
    switch (message.kind) {
      case 'loading':
        this.state.value = message;
        break;
      case 'ready':
        this.#begin(message.demo);
        break;
      case 'example':
        this.#awaited.delete(message.input);
        this.set(message.input, message.value);
        break;
      case 'results':
        if (message.number !== this.#number) return;
        this.firstResultInMs.value ??= performance.now() - this.#startedAt;
        this.results.value = { ...this.results.value, ...message.results };
        break;
      case 'ended':
        if (message.number !== this.#number) return;
        this.isRunning.value = false;
        this.milliseconds.value = message.milliseconds;
        break;
      case 'failed':
        this.#fail(message);
    }
  }

  #fail({ stage, message }: FromWorker & { readonly kind: 'failed' }): void {
    if (stage === 'load') this.state.value = { kind: 'failed', message };
    else this.error.value = message;
    if (stage === 'example') this.isRunning.value = false;
  }

  #begin(demo: DemoDescription): void {
    const values: Record<string, unknown> = {};
    for (const [name, input] of Object.entries(demo.inputs)) {
      const value = startingValue(input);
      if (value !== undefined) values[name] = value;
      if (!wantsExample(input)) continue;
      this.#awaited.add(name);
      this.askForExample(name, 0);
    }
    this.values.value = values;
    this.#changed = { ...values };
    this.state.value = { kind: 'ready', demo };
    if (!demo.isStarted) this.#runSoon();
  }
}
