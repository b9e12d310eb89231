import { setTimeout as delay } from 'node:timers/promises';

/** How a queue sends. */
export interface DeliveryOptions<Item> {
  /** Sends some items; what it throws keeps them in the queue. */
  readonly send: (items: readonly Item[]) => Promise<void>;
  /** The most items that are sent at once. */
  readonly batchSize: number;
  /** How long an item waits for others at most. */
  readonly intervalInMs: number;
  /** Told of the first failure in a row. */
  readonly onTrouble: (error: unknown) => void;
}

const RETRY_AFTER_IN_MS = 1000;
const RETRY_AFTER_AT_MOST_IN_MS = 30_000;
/** Some hundred megabytes; the run's folder has everything in any case. */
const MAX_ITEMS = 1_000_000;

/**
 * Sends items in batches and in order, behind the back of those who add them: nobody waits, and where sending fails it
 * is tried again after longer and longer pauses.
 */
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

  /** Items not delivered, those included that were dropped because there were too many. */
  get undelivered(): number {
    return this.#items.length + this.#dropped;
  }

  add(items: readonly Item[]): void {
    this.#items.push(...items);
    const excess = this.#items.length - MAX_ITEMS;
    // Items under way stand first; they would be taken off twice.
    if (excess > 0 && this.#sending === undefined) this.#dropped += this.#items.splice(0, excess).length;
    if (this.#failuresInARow > 0) return;
    if (this.#items.length >= this.#options.batchSize) this.#start();
    else if (this.#timer === undefined) this.#startAfter(this.#options.intervalInMs);
  }

  /** Sends what there is, for so long at most. */
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
