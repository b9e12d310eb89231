/**
 * Messages between the studio's server and its page: JSON bodies of `/api/…`, the same types on both sides.
 *
 * Reading:
 * - `GET /api/state` → `StudioState`; `GET /api/machine` → `MachineInfo`
 * - `GET /api/runs` → `RunList`; `GET /api/runs/:id` → `RunDetail`; `GET /api/runs/:id/config` → the configuration
 * - `GET /api/runs/:id/curves?name=…` → `CurveAnswer`; of several runs: `GET /api/curves?run=…&name=…` → `CurvesOfRuns`
 * - `GET /api/runs/:id/curves.csv?name=…` → a download; without names, all curves
 * - `GET /api/runs/:id/figures/…` → a picture, by `FigureInfo.href`; `GET /api/runs/:id/report` → `report.html`
 * - `GET /api/runs/:id/weights?checkpoint=best|last|STEP` → bytes of a safetensors file
 * - `GET /api/runs/:id/process` → `ProcessInfo`
 * - `GET /api/systems` → `SystemInfo[]`; `GET /api/launches` → `LaunchRow[]`; `GET /api/trash` → `TrashRow[]`
 * - `GET /api/events?since=VERSION&token=…` → the stream of `StudioEvent`
 *
 * Changing, with the header `x-studio-token` (the content of `<meta name="studio-token">`) and a JSON body:
 * - `PATCH /api/runs/:id` with `RunMarks` → `RunRow`
 * - `POST /api/runs/:id/stop` → `Done`; `DELETE /api/runs/:id` → `TrashRow`
 * - `POST /api/trash/:id/restore` → `RunRow`; `DELETE /api/trash` → `Done` (empties it); `DELETE /api/trash/:id` → `Done`
 * - `POST /api/launches` with `LaunchRequest` → `LaunchRow` (`isDry`: `LaunchPlan`)
 * - `POST /api/launches/:id/stop` → `Done`; `DELETE /api/launches/:id` → `Done` (forgets one that has ended)
 * - `PATCH /api/state` with `StudioSettings` → `StudioState`
 */

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
 * curve has at most four points a pixel: first, smallest, largest and last, so that no spike is lost, and one null for
 * its gaps. Values as they are in the file; null marks NaN and infinity (`gaps` says which). `edges=1` adds the nearest
 * points outside, so that lines reach the edges of a chart. Epochs have fractions.
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

/** Answer of `GET /api/curves?run=a&run=b&name=…`, with the other parameters of one run's curves. */
export interface CurvesOfRuns {
  /** By id of the run. A run that has none of the curves, or is gone, is left out. */
  readonly runs: Readonly<Record<string, CurveAnswer>>;
}

/** One event of the stream `GET /api/events?since=VERSION` (server-sent events, each one JSON `StudioEvent`). */
export type StudioEvent =
  | {
      readonly kind: 'runs';
      readonly version: number;
      readonly changed: readonly RunRow[];
      readonly removed: readonly string[];
      /** `changed` are all runs there are, as after a new start of the server. */
      readonly isWhole?: boolean;
    }
  /** New lines of metrics of a run: the page asks for the curves' new part if it shows the run. */
  | { readonly kind: 'metrics'; readonly id: string; readonly curves: readonly string[]; readonly lastStep: number }
  | { readonly kind: 'queue'; readonly queue: readonly LaunchRow[] };

/** Answer of `GET /api/systems`. */
export interface SystemInfo {
  readonly name: string;
  readonly description: string;
  readonly presets: readonly string[];
  readonly presetDescriptions?: Readonly<Record<string, string>>;
  readonly fields: readonly ConfigField[];
  readonly commands: readonly string[];
  readonly studies: readonly string[];
  readonly studyDescriptions?: Readonly<Record<string, string>>;
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
  /** Whether the limit itself is excluded. */
  readonly isMinExcluded?: boolean;
  readonly isMaxExcluded?: boolean;
  /** Whether null is a value too. */
  readonly isNullable?: boolean;
  /** Expected value in words: `an integer of at least 1 or null`. */
  readonly expected?: string;
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
  /** Search, for `sweep`. */
  readonly search?: SweepRequest;
  /** Seeds, for `study`. */
  readonly seeds?: number;
  /** Most runs for now, for `study`. */
  readonly limit?: number;
  /** The small run of the same code. */
  readonly isFast?: boolean;
  /** Checkpoint to go on from or to evaluate: `best`, `last` or a step. */
  readonly checkpoint?: string;
  /** Only answer with the command that would run. */
  readonly isDry?: boolean;
}

/** Search of a sweep, as its command line takes it. */
interface SweepRequest {
  /** Values to try by path, such as `1e-3,1e-4`. */
  readonly grid?: Readonly<Record<string, string>>;
  /** Ranges to draw from by path: `low..high`, `log:low..high`, or `a,b,c`. */
  readonly random?: Readonly<Record<string, string>>;
  readonly runs?: number;
  readonly parallel?: number;
  /** `validation.loss`. */
  readonly metric?: string;
  readonly isMaximized?: boolean;
}

/** Answer of a launch with `isDry`: nothing is started. */
export interface LaunchPlan {
  readonly command: string;
}

export interface LaunchRow {
  readonly id: string;
  readonly command: string;
  readonly status: 'queued' | 'running' | 'done' | 'failed' | 'stopped';
  readonly run: string | null;
  readonly system?: string;
  readonly startedAt?: number | null;
  readonly endedAt?: number | null;
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

/** Body of `PATCH /api/state`. */
export interface StudioSettings {
  /** Launches that run at a time, 1–16. */
  readonly atOnce: number;
}

/** Body of `PATCH /api/runs/:id`: what a person adds to a run, kept in its folder. */
export interface RunMarks {
  /** Empty: the folder's name again. */
  readonly name?: string;
  readonly note?: string;
  readonly isStarred?: boolean;
  readonly isPutAway?: boolean;
}

/** One run in the trash. */
export interface TrashRow {
  readonly id: string;
  readonly path: string;
  readonly name: string;
  readonly system: string;
  /** Milliseconds since 1970. */
  readonly deletedAt: number;
  readonly bytes: number;
}

/** Answer of `GET /api/machine`. */
export interface MachineInfo {
  readonly cores: number;
  /** Processes that wait for a core, over the last minute. */
  readonly load: number;
  readonly usedBytes: number;
  readonly totalBytes: number;
}

/** Answer of `GET /api/runs/:id/process`; nulls where no process of this machine trains it. */
export interface ProcessInfo {
  readonly processId: number | null;
  readonly memoryBytes: number | null;
  /** Cores in use since the last call. */
  readonly cores: number | null;
}

/** Answer of a change that has no other. */
export interface Done {
  readonly isDone: true;
}

/** Answer of every refused request, with status 4xx: one line for the user. */
export interface Refusal {
  readonly error: string;
}
