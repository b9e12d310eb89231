/** Messages between the studio's server and its page: JSON bodies of `/api/…`, the same types on both sides. */

/** Numbers of a table `{split: {metric: value}}`; null where a value was NaN or infinite. */
export type MetricTable = Readonly<Record<string, Readonly<Record<string, number | null>>>>;

/**
 * State of a run as it is now. `running`: its process lives and its folder changed in the last minute; `stalled`: the
 * process lives, the folder did not change; `killed`: no process and no summary; `queued`: a launch that waits;
 * `unknown`: a run of another machine or of another program.
 */
export type RunStatus = 'queued' | 'running' | 'stalled' | 'killed' | 'stopped' | 'failed' | 'completed' | 'unknown';

/** One row of the table of runs. */
export interface RunRow {
  /** Name of the run: unique in the studio, part of an address. It stays the same as long as the folder stays. */
  readonly id: string;
  /** Path of the folder below the folder of runs, as shown to the user. */
  readonly path: string;
  readonly system: string;
  /** The given name, or the folder's name. */
  readonly name: string;
  readonly preset: string | null;
  readonly status: RunStatus;
  /** Milliseconds since 1970. */
  readonly startedAt: number | null;
  readonly changedAt: number;
  readonly tookInSeconds: number | null;
  readonly step: number | null;
  readonly device: string | null;
  /** The metric that the training selects its best checkpoint by, such as `validation/loss`, and its best value. */
  readonly objective: { readonly name: string; readonly value: number | null; readonly isLowBetter: boolean } | null;
  /** The objective of the strongest baseline. */
  readonly baseline: { readonly name: string; readonly value: number | null } | null;
  /** The objective over the training, at most 40 values: a small curve. */
  readonly spark: readonly (number | null)[];
  /** Fields that differ from the preset, or from the defaults: `training.epochs` → 4. */
  readonly differs: Readonly<Record<string, unknown>>;
  /** Last value of each metric, by `split/metric`. */
  readonly metrics: Readonly<Record<string, number | null>>;
  readonly study: string | null;
  readonly sweep: string | null;
  readonly isStarred: boolean;
  readonly isPutAway: boolean;
  readonly note: string;
  /** A folder of TensorBoard events: read-only. */
  readonly isForeign: boolean;
  /** Faults of the folder in one line each, such as a damaged file. */
  readonly problems: readonly string[];
}

/** Answer of `GET /api/runs`. */
export interface RunList {
  readonly runs: readonly RunRow[];
  /** Counts up with every change; the stream `GET /api/events` goes on from it. */
  readonly version: number;
}

/** One curve's place: `validation/loss`. */
export interface CurveInfo {
  readonly name: string;
  readonly split: string;
  readonly metric: string;
  readonly points: number;
  readonly last: number | null;
}

/** Answer of `GET /api/runs/:id`. */
export interface RunDetail {
  readonly row: RunRow;
  /** Whole configuration, as in `config.json`. */
  readonly config: unknown;
  /** Every field of the configuration, by its path. */
  readonly fields: readonly ConfigField[];
  readonly curves: readonly CurveInfo[];
  readonly baselines: MetricTable;
  readonly metrics: MetricTable;
  readonly figures: readonly FigureInfo[];
  readonly checkpoints: readonly CheckpointInfo[];
  /** Command that started the run, and the one that goes on with it. */
  readonly command: string | null;
  readonly resumeCommand: string | null;
  /** Whether the system has a demo and the run has weights. */
  readonly hasDemo: boolean;
  readonly hasReport: boolean;
  /** Summaries of `evaluate` and other commands, by command. */
  readonly evaluations: Readonly<Record<string, MetricTable>>;
}

export interface FigureInfo {
  readonly name: string;
  /** Steps that it exists for; empty for a figure of the end. */
  readonly steps: readonly number[];
  readonly format: 'png' | 'svg' | 'gif';
  /** Address of the figure (`{step}` stands for the step). */
  readonly href: string;
}

export interface CheckpointInfo {
  readonly step: number;
  readonly bytes: number;
  readonly isBest: boolean;
  readonly isLast: boolean;
}

/**
 * Answer of `GET /api/runs/:id/curves?name=a&name=b&from=&to=&pixels=800&axis=step|epoch|time`, for each name in order. A
 * curve has at most four points a pixel: first, smallest, largest and last, so that no spike is lost. Values as they
 * are in the file; null marks NaN and infinity (`gaps` says which).
 */
export interface CurveAnswer {
  readonly curves: readonly CurveData[];
}

export interface CurveData {
  readonly name: string;
  readonly x: readonly number[];
  readonly y: readonly (number | null)[];
  /** Exponential moving average of the full curve (`smoothing` in the query, 0–0.999), taken at `x`. */
  readonly smooth: readonly (number | null)[] | null;
  /** Positions that are no numbers. */
  readonly gaps: readonly { readonly x: number; readonly value: 'NaN' | 'Infinity' | '-Infinity' }[];
  readonly total: number;
}

/** One event of the stream `GET /api/events?since=VERSION` (server-sent events, each one JSON `StudioEvent`). */
export type StudioEvent =
  | {
      readonly kind: 'runs';
      readonly version: number;
      readonly changed: readonly RunRow[];
      readonly removed: readonly string[];
    }
  /** New lines of metrics of a run: the page asks for the curves' new part if it shows the run. */
  | { readonly kind: 'metrics'; readonly id: string; readonly curves: readonly string[]; readonly lastStep: number }
  | { readonly kind: 'queue'; readonly queue: readonly LaunchRow[] };

/** Answer of `GET /api/systems`. */
export interface SystemInfo {
  readonly name: string;
  readonly description: string;
  readonly presets: readonly string[];
  readonly fields: readonly ConfigField[];
  readonly commands: readonly string[];
  readonly studies: readonly string[];
  readonly hasDemo: boolean;
}

/** One field of a configuration. */
export interface ConfigField {
  /** `training.learningRate`. */
  readonly path: string;
  readonly type: 'number' | 'integer' | 'boolean' | 'string' | 'choice' | 'list' | 'other';
  /** Reason of the default, from the schema's description. */
  readonly description: string;
  readonly default: unknown;
  /** Value in the run (in `RunDetail`) or in each preset that changes it (in `SystemInfo`). */
  readonly value?: unknown;
  readonly presets?: Readonly<Record<string, unknown>>;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
}

/** Body of `POST /api/launches`. */
export interface LaunchRequest {
  readonly system: string;
  readonly command: 'train' | 'sweep' | 'study' | 'evaluate' | 'figures';
  readonly preset?: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Run to evaluate, to draw or to resume. */
  readonly run?: string;
  readonly isResumed?: boolean;
  /** Study, for `study`. */
  readonly study?: string;
  /** Only answer with the command that would run. */
  readonly isDry?: boolean;
}

export interface LaunchRow {
  readonly id: string;
  readonly command: string;
  readonly status: 'queued' | 'running' | 'done' | 'failed';
  readonly run: string | null;
  /** Last lines of the output. */
  readonly output: readonly string[];
}

/** Answer of `GET /api/state`. */
export interface StudioState {
  readonly version: string;
  readonly isReadOnly: boolean;
  readonly canLaunch: boolean;
  readonly folders: readonly string[];
  readonly atOnce: number;
}

/** Answer of every refused request, with status 4xx: one line for the user. */
export interface Refusal {
  readonly error: string;
}
