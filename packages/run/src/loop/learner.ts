import type { Metrics, SavedState } from './events.ts';

/** Loss and other terms of one update, as numbers. */
export interface StepTerms {
  /** Number of the update, counted from 1. */
  readonly step: number;
  /** Weight of the terms in means over updates: the number of what they are means over, usually examples. */
  readonly weight: number;
  readonly terms: Metrics;
}

/** Network that can be trained. The loop knows nothing else about it. */
export interface Learner<Batch> {
  /** Number of trained parameters. */
  parameterCount(): number;
  /** Maximum number of updates that one call of `update` makes. Default 1. */
  readonly stepsPerCall?: number;
  /** Name of the compiler's engine. Undefined until a compiled step has run. */
  readonly engine?: string | undefined;
  /**
   * Makes one update from several accumulated batches, or one update from each batch. Takes ownership of the batches.
   * @param step updates made before, in the whole training
   * @returns number of examples
   */
  update(batches: readonly Batch[], step: number): number;
  /** Terms of the updates made since the last call. */
  readTerms(): Promise<readonly StepTerms[]>;
  /** Copies the whole state from the device. With weight averaging, call it inside `evaluating`. */
  encode(): Promise<SavedState>;
  /** @throws UserError where the state belongs to another network */
  restore(saved: SavedState): void;
  /** Runs `run` in evaluation mode, with the averages in place of the weights where there are any. */
  evaluating<T>(run: () => Promise<T>): Promise<T>;
  /** Ends the training. Loads `weights` where given, else keeps the current ones. */
  finish(weights?: Uint8Array): void;
  /** Graph of the compiled step as a serialized `GraphDef`. Returned once, after the first call of `update`. */
  takeGraph?(): Uint8Array | undefined;
  /** Shapes of a batch as text. Batches of different shapes go to separate calls. */
  shapeOf?(batch: Batch): string;
  /** Frees a batch that no update took. */
  discard?(batch: Batch): void;
}
