import type { TrainingListener } from '../../loop/events.ts';
import type { Summary } from '../run/summary.ts';

/** Hears of a training as the run's folder does, and tells somebody else. */
export interface Logger extends TrainingListener {
  /**
   * After the summary, the figures and the report are written, whatever the end was. Waits a bounded time for what is
   * under way; what cannot be delivered is a warning.
   */
  finish(summary: Summary): Promise<void>;
}

/** The run that a logger is for. */
export interface LoggerContext {
  /** The run's, absolute. */
  readonly folder: string;
  readonly system: string;
  /** The whole resolved record. */
  readonly config: unknown;
  readonly runName: string;
  /** Whether the run goes on: the logger then goes on with its own. */
  readonly resumed: boolean;
  /** With `resumed`, the step to go on from. */
  readonly fromStep?: number;
  /** Takes a line for the reader; by default standard error. */
  readonly warn?: (line: string) => void;
}
