import type { DeepPartial } from '../../config/config.ts';
import type { Figure } from '../figures/figure.ts';
import type { Summary } from '../run/summary.ts';
import type { Training } from '../trainings/training.ts';

/** Trainings that are compared: variants of one system, each with several seeds. */
export interface Study<Config> {
  /** What it asks, in a line. */
  readonly description: string;
  /** By name, in kebab-case: the first part of their runs' folders. */
  readonly variants: Readonly<Record<string, StudyVariant<Config>>>;
  /** How many seeds, from 0 on, each variant is trained with; 3 by default. */
  readonly seeds?: number;
  /** What the table shows of each variant, after its name and the number of its seeds. */
  readonly columns: readonly StudyColumn<Config>[];
  /** Whether the baselines of the runs' summaries are rows of the table; true by default. */
  readonly baselineRows?: boolean;
  /**
   * The last step, after the table: figures, a report. It is given the runs that are completed, at least one: others of
   * the study may be missing.
   */
  finish?(context: StudyEnd<Config>): Promise<void>;
}

/** One configuration of a study. */
export interface StudyVariant<Config> {
  /** Of its row in the table. */
  readonly description: string;
  readonly preset?: string;
  /** Over the preset. */
  readonly config?: DeepPartial<Config>;
  /** How many seeds, where it needs fewer than the study has. */
  readonly seeds?: number;
  /** About how long one run takes, until one has been completed. */
  readonly timeInMinutes?: number;
}

/** A column: a metric of the summaries by `split.name`, or what is worked out of each run; null where it has none. */
export type StudyColumn<Config> = {
  /** No other column's, and not `seconds`, which each table ends with. */
  readonly heading: string;
  /** A value's factor: 100 for per cent; 1 by default. */
  readonly scale?: number;
  /** Behind the decimal point; by default four in all. */
  readonly digits?: number;
} & (
  | {
      /** Baselines are shown by the same name. */
      readonly metric: `${string}.${string}`;
    }
  | { value(run: StudyRun<Config>): number | null | undefined }
);

/** A completed run of a study. */
export interface StudyRun<Config> {
  readonly variant: string;
  readonly seed: number;
  /** The run's folder, absolute. */
  readonly path: string;
  readonly config: Config;
  readonly summary: Summary;
  /** Of all its parts, where it was gone on with. */
  readonly wallTimeInSeconds: number;
}

/** What a study's last step is given. */
export interface StudyEnd<Config> {
  /** Completed, variant by variant, seed by seed. */
  readonly runs: readonly StudyRun<Config>[];
  /** The study's folder, absolute. */
  readonly folder: string;
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Writes `figures/<name>.png` in the study's folder, and `.svg` where the figure has one. */
  readonly writeFigure: (name: string, figure: Figure) => Promise<string>;
  /** Prints a line for the reader. */
  readonly print: (line: string) => void;
}

/** Of any system. */
export type AnyStudy = Study<Record<string, unknown>>;
export type AnyStudyRun = StudyRun<Record<string, unknown>>;

/** One run of a study, trained or not. */
export interface PlannedRun extends Training {
  readonly variant: string;
  readonly seed: number;
  readonly config: Record<string, unknown>;
  /** Whether it was asked for: of the table all are. */
  readonly isChosen: boolean;
}

/** A study with its runs as they are found in its folder. */
export interface PlannedStudy {
  readonly name: string;
  readonly study: AnyStudy;
  /** Absolute. */
  readonly folder: string;
  /** Seed by seed, so that what is there first says most. */
  readonly runs: readonly PlannedRun[];
}
