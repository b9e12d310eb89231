import { decodeTensors, type StateDict } from '@motley/core';
import type { Demo, DemoInput, DemoInputs, DemoOutputs } from '@motley/core/demo';
import { yieldToEventLoop } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import type {
  BackendInfo,
  DemoDescription,
  DemoSource,
  FromWorker,
  InputDescription,
  OutputDescription,
  Values,
} from '../messages.ts';
import { fetchBytes } from './fetch-run.ts';
import { ViewsInTime } from './views-in-time.ts';

export type AnyDemo = Demo<unknown, DemoInputs, DemoOutputs, unknown>;

/** Statistics that PyTorch's names tell from what is learned. */
const BUFFER_NAME = /(^|\.)(running_mean|running_var|num_batches_tracked|runningMean|runningVariance)$/;

interface Order {
  readonly number: number;
  /** Values that differ from those of the last order. */
  readonly values: Values;
}

/** One demo with the network of one run. Of several orders the newest runs; the one that runs is aborted. */
export class Session {
  readonly #demo: AnyDemo;
  readonly #model: unknown;
  readonly #inputs: DemoInputs;
  readonly #post: (message: FromWorker) => void;
  readonly description: DemoDescription;
  #values: Values = {};
  #next: Order['number'] | undefined;
  #controller: AbortController | undefined;

  constructor(
    demo: AnyDemo,
    model: unknown,
    inputs: DemoInputs,
    shown: Pick<DemoDescription, 'backend' | 'parameters'>,
    post: (message: FromWorker) => void,
  ) {
    this.#demo = demo;
    this.#model = model;
    this.#inputs = inputs;
    this.#post = post;
    this.description = {
      title: demo.title,
      description: demo.description ?? '',
      isStarted: demo.isStarted ?? false,
      inputs: mapValues(inputs, describeInput),
      outputs: mapValues(demo.outputs, (output) => output as OutputDescription),
      ...shown,
    };
  }

  /**
   * Fetches weights and files of a run, and loads its network.
   * @throws Error in one line where a part is missing or damaged, or the demo refuses the run
   */
  static async open(
    demo: AnyDemo,
    source: DemoSource,
    backend: BackendInfo,
    post: (message: FromWorker) => void,
  ): Promise<Session> {
    const say = (what: string) => {
      post({ kind: 'loading', what });
    };
    say('weights');
    const bytes = await fetchBytes(source.weights, 'weights', source.headers, (part) => {
      say(`weights: ${part}`);
    });
    const files: Record<string, Uint8Array> = {};
    for (const name of demo.files ?? []) {
      say(name);
      files[name] = await fetchBytes(`${source.files}${encodeURIComponent(name)}`, name, source.headers);
    }
    say('network');
    const weights = decodeTensors(bytes, 'weights');
    const parameters = parameterCount(weights);
    try {
      const model = await demo.load({ weights, config: source.config, files });
      const inputs = typeof demo.inputs === 'function' ? await demo.inputs(model, source.config) : demo.inputs;
      return new Session(demo, model, inputs, { backend, parameters }, post);
    } finally {
      tf.dispose(weights);
    }
  }

  /** Value of an example. */
  async example(input: string, index: number): Promise<void> {
    const { examples } = this.#inputs[input] ?? {};
    if (examples === undefined || index >= examples.count) return;
    try {
      this.#post({ kind: 'example', input, value: await examples.make(index) });
    } catch (error) {
      this.#post({ kind: 'failed', stage: 'example', message: lineOf(error) });
    }
  }

  /** Runs with these values as soon as what runs has stopped. */
  order(order: Order): void {
    this.#values = { ...this.#values, ...order.values };
    this.#next = order.number;
    if (this.#controller === undefined) void this.#work();
    else this.#controller.abort();
  }

  stop(): void {
    this.#next = undefined;
    this.#controller?.abort();
  }

  async #work(): Promise<void> {
    for (;;) {
      this.#controller = new AbortController();
      // Takes all waiting messages, of which the newest counts.
      await yieldToEventLoop();
      const number = this.#next;
      this.#next = undefined;
      if (number === undefined) break;
      if (this.#controller.signal.aborted) this.#controller = new AbortController();
      await this.#run(number, this.#controller.signal);
    }
    this.#controller = undefined;
  }

  async #run(number: number, signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    const views = new ViewsInTime((results) => {
      if (!signal.aborted) this.#post({ kind: 'results', number, results });
    });
    const emit = (results: object): Promise<void> => views.emit({ ...results });
    try {
      views.last(await this.#demo.run(this.#model, this.#values, { signal, emit }));
    } catch (error) {
      if (!signal.aborted) this.#post({ kind: 'failed', stage: 'run', message: lineOf(error) });
    }
    const milliseconds = performance.now() - startedAt;
    this.#post({ kind: 'ended', number, milliseconds, tensors: tf.memory().numTensors });
  }
}

/** A control without its functions, which cannot be sent to the page. */
function describeInput({ examples, ...input }: DemoInput<unknown>): InputDescription {
  return { ...input, exampleCount: examples?.count ?? 0 };
}

function mapValues<From, To>(record: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}

function parameterCount(weights: StateDict): number {
  return Object.entries(weights).reduce((sum, [name, { size }]) => sum + (BUFFER_NAME.test(name) ? 0 : size), 0);
}

/** First line of an error. */
export function lineOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const [line = ''] = message.split('\n');
  return line === '' ? 'an error without a message' : line;
}
