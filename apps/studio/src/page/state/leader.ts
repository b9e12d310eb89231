/** Messages of the tabs among themselves. */
type Ballot<Message> =
  | { readonly kind: 'beat'; readonly from: string }
  | { readonly kind: 'claim'; readonly from: string }
  | { readonly kind: 'bye'; readonly from: string }
  | { readonly kind: 'hello'; readonly from: string }
  | { readonly kind: 'message'; readonly from: string; readonly message: Message };

export interface LeaderOptions<Message> {
  /** Opens the stream in the tab that leads; the returned function closes it. */
  readonly open: (send: (message: Message) => void) => () => void;
  /** Takes a message, of this tab's stream or of another's. */
  readonly receive: (message: Message) => void;
  /** First message to a tab that came later. */
  readonly greet: () => Message | undefined;
  /** Milliseconds between signs of life. */
  readonly beatInMs?: number;
  readonly id?: string;
}

/** Part of a beat by which a timer may be early. */
const SLACK = 0.5;

/**
 * Election of one tab that holds the stream, over a BroadcastChannel: where SharedWorker is missing. The smallest name
 * among those that claim leads; a leader that is silent for three beats, or says good-bye, is followed by another.
 */
export class Leader<Message> {
  isLeading = false;
  readonly #id: string;
  readonly #channel: BroadcastChannel;
  readonly #options: LeaderOptions<Message>;
  readonly #beat: number;
  readonly #timer: ReturnType<typeof setInterval>;
  #close: (() => void) | undefined;
  #heard: number;
  #claimed: number | undefined;

  constructor(channel: string, options: LeaderOptions<Message>) {
    this.#id = options.id ?? crypto.randomUUID();
    this.#options = options;
    this.#beat = options.beatInMs ?? 1000;
    // A leader answers the greeting at once: who hears none within a beat claims.
    this.#heard = Date.now() - 2 * this.#beat;
    this.#channel = new BroadcastChannel(channel);
    this.#channel.onmessage = ({ data }: MessageEvent<unknown>) => {
      this.#take(data as Ballot<Message>);
    };
    this.#post({ kind: 'hello', from: this.#id });
    this.#timer = setInterval(() => {
      this.#tick();
    }, this.#beat);
  }

  close(): void {
    clearInterval(this.#timer);
    if (this.isLeading) this.#post({ kind: 'bye', from: this.#id });
    this.#follow();
    this.#channel.close();
  }

  #post(ballot: Ballot<Message>): void {
    this.#channel.postMessage(ballot);
  }

  #tick(): void {
    const now = Date.now();
    if (this.isLeading) this.#post({ kind: 'beat', from: this.#id });
    else if (this.#claimed !== undefined && now - this.#claimed >= SLACK * this.#beat) this.#lead();
    else if (this.#claimed === undefined && now - this.#heard >= (3 - SLACK) * this.#beat) this.#claim();
  }

  #claim(): void {
    this.#claimed = Date.now();
    this.#post({ kind: 'claim', from: this.#id });
  }

  #lead(): void {
    this.#claimed = undefined;
    this.isLeading = true;
    this.#post({ kind: 'beat', from: this.#id });
    this.#close = this.#options.open((message) => {
      this.#post({ kind: 'message', from: this.#id, message });
      this.#options.receive(message);
    });
  }

  #follow(): void {
    this.#claimed = undefined;
    this.isLeading = false;
    this.#close?.();
    this.#close = undefined;
  }

  #take(ballot: Ballot<Message>): void {
    if (ballot.kind === 'bye') {
      this.#heard = 0;
      this.#claim();
      return;
    }
    if (ballot.kind === 'hello') {
      if (!this.isLeading) return;
      this.#post({ kind: 'beat', from: this.#id });
      const greeting = this.#options.greet();
      if (greeting !== undefined) this.#post({ kind: 'message', from: this.#id, message: greeting });
      return;
    }
    if (ballot.kind === 'claim') {
      // A leader stays; of two that claim, the smaller name goes on.
      if (this.isLeading) this.#post({ kind: 'beat', from: this.#id });
      else if (ballot.from < this.#id) this.#claimed = undefined;
      this.#heard = Date.now();
      return;
    }
    this.#heard = Date.now();
    if (ballot.kind === 'beat') {
      this.#claimed = undefined;
      if (this.isLeading && ballot.from < this.#id) this.#follow();
      else if (this.isLeading) this.#post({ kind: 'beat', from: this.#id });
    } else this.#options.receive(ballot.message);
  }
}
