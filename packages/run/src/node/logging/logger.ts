import type { TrainingListener } from '../../loop/events.ts';
import type { Summary } from '../run/summary.ts';

/** Logger of a run. It listens to the training like the run folder. */
export interface Logger extends TrainingListener {
  /** Logs a figure as PNG. @param name kebab-case name */
  onFigure?(name: string, png: Uint8Array, step: number): Promise<void>;
  /**
   * Ends the log after summary, figures and report are written. Waits a limited time for deliveries. Undelivered values
   * are reported as a warning.
   */
  finish(summary: Summary): Promise<void>;
  /** Removes the logger's files, where the run never began. */
  discard?(): Promise<void>;
}

/** Run that a logger belongs to. */
export interface LoggerContext {
  /** Absolute path of the run folder. */
  readonly folder: string;
  readonly system: string;
  /** Resolved configuration. */
  readonly config: unknown;
  readonly runName: string;
  /** Whether the run is resumed. The logger then continues its own log. */
  readonly resumed: boolean;
  /** Step to resume from, with `resumed`. */
  readonly fromStep?: number;
  /** Prints a line for the user. Default: on standard error. */
  readonly warn?: (line: string) => void;
}
