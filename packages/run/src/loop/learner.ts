import type { Metrics, SavedState } from './events.ts';

/** The terms of one update, read. */
export interface StepTerms {
  /** Number of the update, counted from 1. */
  readonly step: number;
  readonly examples: number;
  readonly terms: Metrics;
}

/** A network that can be trained: all that the loop knows of one. */
export interface Learner<Batch> {
  /** Number of trained values. */
  parameterCount(): number;
  /** Most updates that one call of `update` makes. Default 1. */
  readonly stepsPerCall?: number;
  /** Name of the compiler's engine, once the step has run compiled. */
  readonly engine?: string | undefined;
  /**
   * Makes one update of several accumulated batches, or one update of each batch. Takes the batches over.
   * @param step updates made before, in the whole training
   * @returns number of examples
   */
  update(batches: readonly Batch[], step: number): number;
  /** Terms of the updates since the last call. */
  readTerms(): Promise<readonly StepTerms[]>;
  /** Copies the whole state off the device. Inside `evaluating` where weights are averaged. */
  encode(): Promise<SavedState>;
  /** @throws UserError where the state is another network's */
  restore(saved: SavedState): void;
  /** Runs `run` with the weights to be evaluated in place, and in evaluation mode. */
  evaluating<T>(run: () => Promise<T>): Promise<T>;
  /** Ends the training with these weights, or without any with its own. */
  finish(weights?: Uint8Array): void;
  /** Graph of the compiled step as a serialised `GraphDef`: once, after the first call. */
  takeGraph?(): Uint8Array | undefined;
  /** Shapes of a batch: batches of different shapes do not share a call. */
  shapeOf?(batch: Batch): string;
  /** Frees a batch that no update took. */
  discard?(batch: Batch): void;
}
