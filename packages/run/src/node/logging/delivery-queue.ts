import { setTimeout as delay } from 'node:timers/promises';

/** Options of a delivery queue. */
export interface DeliveryOptions<Item> {
  /** Sends items. If it throws, they stay in the queue. */
  readonly send: (items: readonly Item[]) => Promise<void>;
  /** Maximum number of items sent at once. */
  readonly batchSize: number;
  /** Maximum time that an item waits for others. */
  readonly intervalInMs: number;
  /** Called at the first of several failures in a row. */
  readonly onTrouble: (error: unknown) => void;
}

const RETRY_AFTER_IN_MS = 1000;
const RETRY_AFTER_AT_MOST_IN_MS = 30_000;
/** Some hundred megabytes. The run folder keeps everything in any case. */
const MAX_ITEMS = 1_000_000;

/** Sends items in batches and in order, in the background. After a failure it retries after increasing pauses. */
export class DeliveryQueue<Item> {
  readonly #options: DeliveryOptions<Item>;
  readonly #items: Item[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #failuresInARow = 0;
  #dropped = 0;

  constructor(options: DeliveryOptions<Item>) {
    this.#options = options;
  }

  /** Number of items not delivered, including those dropped because the queue was full. */
  get undelivered(): number {
    return this.#items.length + this.#dropped;
  }

  add(items: readonly Item[]): void {
    for (const item of items) this.#items.push(item);
    const excess = this.#items.length - MAX_ITEMS;
    // Items being sent are at the front and must not be removed twice.
    if (excess > 0 && this.#sending === undefined) this.#dropped += this.#items.splice(0, excess).length;
    if (this.#failuresInARow > 0) return;
    if (this.#items.length >= this.#options.batchSize) this.#start();
    else if (this.#timer === undefined) this.#startAfter(this.#options.intervalInMs);
  }

  /** Sends the queued items, for at most this time. */
  async flush(timeoutInMs: number): Promise<void> {
    const deadline = performance.now() + timeoutInMs;
    while (this.#items.length > 0 && performance.now() < deadline) {
      const hadFailed = this.#failuresInARow;
      this.#start();
      const left = deadline - performance.now();
      const patience = new AbortController();
      await Promise.race([this.#sending, delay(left, undefined, { signal: patience.signal }).catch(() => undefined)]);
      patience.abort();
      if (this.#failuresInARow > hadFailed) await delay(Math.min(RETRY_AFTER_IN_MS, left));
    }
    clearTimeout(this.#timer);
  }

  #startAfter(delayInMs: number): void {
    this.#timer = setTimeout(() => {
      this.#start();
    }, delayInMs).unref();
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending ??= this.#drain().finally(() => {
      this.#sending = undefined;
    });
  }

  async #drain(): Promise<void> {
    while (this.#items.length > 0) {
      const batch = this.#items.slice(0, this.#options.batchSize);
      try {
        await this.#options.send(batch);
      } catch (error) {
        if (this.#failuresInARow++ === 0) this.#options.onTrouble(error);
        const pause = Math.min(RETRY_AFTER_IN_MS * 2 ** this.#failuresInARow, RETRY_AFTER_AT_MOST_IN_MS);
        this.#startAfter(pause);
        return;
      }
      this.#items.splice(0, batch.length);
      this.#failuresInARow = 0;
    }
  }
}
