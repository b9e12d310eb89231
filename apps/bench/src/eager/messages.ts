/** Side that a process measures. */
export type Side = 'ours' | 'add-on';

/** Asks for `iterations` runs of an operation, one after the other. */
export interface Request {
  readonly operation: string;
  readonly iterations: number;
}

/** `ready` comes first, then a `done` for each request. */
export type Reply =
  | { readonly type: 'ready'; readonly version: string }
  | { readonly type: 'done'; readonly timeInMs: number }
  | { readonly type: 'failed'; readonly message: string };
