import type { DeepPartial } from '../../config/config.ts';
import type { Figure } from '../figures/figure.ts';
import type { Summary } from '../run/summary.ts';
import type { Training } from '../trainings/training.ts';

/** Trainings to compare: variants of one system, each with several seeds. */
export interface Study<Config> {
  /** Question that the study answers, in one line. */
  readonly description: string;
  /** Variants by kebab-case name. The name is the first part of a run's folder name. */
  readonly variants: Readonly<Record<string, StudyVariant<Config>>>;
  /** Number of seeds per variant, from 0 on. Default 3. */
  readonly seeds?: number;
  /** Columns of the table, after the name of the variant and the number of its seeds. */
  readonly columns: readonly StudyColumn<Config>[];
  /** Whether the baselines in the summaries are rows of the table. Default true. */
  readonly baselineRows?: boolean;
  /** Last step, after the table: figures, a report. Gets the completed runs, at least one. Others may be missing. */
  finish?(context: StudyEnd<Config>): Promise<void>;
}

/** One configuration of a study. */
export interface StudyVariant<Config> {
  /** Name of the variant in the table. */
  readonly description: string;
  readonly preset?: string;
  /** Values applied over the preset. */
  readonly config?: DeepPartial<Config>;
  /** Number of seeds, where it differs from that of the study. */
  readonly seeds?: number;
  /** Approximate time of one run, used until one has completed. */
  readonly timeInMinutes?: number;
}

/** Column: a metric of the summaries as `split.name`, or a value computed for each run. Null where a run has none. */
export type StudyColumn<Config> = {
  /** Unique heading other than `seconds`, which is the last column of every table. */
  readonly heading: string;
  /** Factor of the value: 100 for percent. Default 1. */
  readonly scale?: number;
  /** Digits after the decimal point. Default: four significant digits. */
  readonly digits?: number;
} & (
  | {
      /** Baselines are shown by the metric of the same name. */
      readonly metric: `${string}.${string}`;
    }
  | { value(run: StudyRun<Config>): number | null | undefined }
);

/** Completed run of a study. */
export interface StudyRun<Config> {
  readonly variant: string;
  readonly seed: number;
  /** Absolute path of the run folder. */
  readonly path: string;
  readonly config: Config;
  readonly summary: Summary;
  /** Total time of the run, including the parts before a resume. */
  readonly wallTimeInSeconds: number;
}

/** Context of `finish`. */
export interface StudyEnd<Config> {
  /** Completed runs, variant by variant, seed by seed. */
  readonly runs: readonly StudyRun<Config>[];
  /** Absolute path of the study folder. */
  readonly folder: string;
  /** Aborted by the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
  /** Writes `figures/<name>.png` in the study folder, and `.svg` where the figure has one. */
  readonly writeFigure: (name: string, figure: Figure) => Promise<string>;
  /** Prints a line for the user. */
  readonly print: (line: string) => void;
}

/** Study of any system, with its types erased. */
export type AnyStudy = Study<Record<string, unknown>>;
export type AnyStudyRun = StudyRun<Record<string, unknown>>;

/** Run of a study, trained or not. */
export interface PlannedRun extends Training {
  readonly variant: string;
  readonly seed: number;
  readonly config: Record<string, unknown>;
  /** Whether the run was requested. The table includes all runs. */
  readonly isChosen: boolean;
}

/** Study with the runs found in its folder. */
export interface PlannedStudy {
  readonly name: string;
  readonly study: AnyStudy;
  /** Absolute path. */
  readonly folder: string;
  /** Runs seed by seed, so that the first ones cover all variants. */
  readonly runs: readonly PlannedRun[];
}
