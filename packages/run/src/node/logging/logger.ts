import type { TrainingListener } from '../../loop/events.ts';
import type { Summary } from '../run/summary.ts';

/** Logger of a run: hears of the training as the run's folder does. */
export interface Logger extends TrainingListener {
  /** Takes a figure's PNG. @param name kebab-case */
  onFigure?(name: string, png: Uint8Array, step: number): Promise<void>;
  /**
   * Ends the log, after summary, figures and report are written. Waits a bounded time for deliveries; what cannot be
   * delivered is a warning.
   */
  finish(summary: Summary): Promise<void>;
  /** Takes back the logger's files, where the run never began. */
  discard?(): Promise<void>;
}

/** The run that a logger is for. */
export interface LoggerContext {
  /** Folder of the run, absolute. */
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
