import { yieldToEventLoop } from '@motley/run';
import type { Values } from '../messages.ts';

/** Time between two views: a page draws no more often. */
const VIEW_IN_MS = 16;

/** Passes results on as often as a page draws them: a demo that emits them faster would keep the page from its clicks. */
export class ViewsInTime {
  readonly #post: (results: Values) => void;
  #waiting: Values | undefined;
  #postedAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(post: (results: Values) => void) {
    this.#post = post;
  }

  /** Shows results now or soon, the newest of each name, and lets messages in. */
  async emit(results: Values): Promise<void> {
    this.#waiting = { ...this.#waiting, ...results };
    const rest = this.#postedAt + VIEW_IN_MS - performance.now();
    if (rest > 0) {
      this.#timer ??= setTimeout(() => {
        this.#flush();
      }, rest);
      await yieldToEventLoop();
      return;
    }
    this.#flush();
    // A timer comes after all messages that have arrived; those of a channel may overtake them.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }

  /** Shows the last results at once. */
  last(results: Values): void {
    this.#waiting = { ...this.#waiting, ...results };
    this.#flush();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting === undefined) return;
    this.#post(this.#waiting);
    this.#waiting = undefined;
    this.#postedAt = performance.now();
  }
}
