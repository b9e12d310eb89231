import { basename, join } from 'node:path';
import { z } from 'zod';
import type { MetricTable } from '../../shared/api.ts';
import { readSmallJson } from '../files/read-small.ts';
import { readMarks, unmarked, type Marks } from './marks.ts';

const MAX_JSON_BYTES = 2 ** 20;
/** Metrics that a row has. */
const MAX_METRICS = 200;

/** Content of a run's small files, kept in the index. */
export interface RunFacts {
  readonly system: string;
  readonly preset: string | null;
  /** Whether `start.json` names preset and process: the folder is one of Motley's own trainings. */
  readonly hasStart: boolean;
  readonly isFast: boolean;
  readonly startedAt: number | null;
  readonly command: readonly string[] | null;
  readonly config: Readonly<Record<string, unknown>> | null;
  readonly status: 'completed' | 'stopped' | 'failed' | null;
  readonly device: string | null;
  readonly tookInSeconds: number | null;
  readonly steps: number | null;
  readonly metrics: MetricTable;
  readonly baselines: MetricTable;
  /** Metrics of other commands, by command. */
  readonly evaluations: Readonly<Record<string, MetricTable>>;
  readonly marks: Marks;
  readonly hasReport: boolean;
  readonly hasWeights: boolean;
  readonly hasFigures: boolean;
  readonly problems: readonly string[];
}

const text = z.string().max(1000);
const startSchema = z.object({
  system: text,
  preset: text.nullable(),
  isFast: z.boolean(),
  starts: z.array(z.object({ at: text, arguments: z.array(z.string()) })).min(1),
});
const summarySchema = z.object({
  system: text.optional().catch(undefined),
  status: z.enum(['completed', 'stopped', 'failed']),
  device: text.nullable().catch(null),
  wallTimeInSeconds: z.number().nullable().catch(null),
  steps: z.number().nullable().catch(null),
  metrics: z.unknown(),
  baselines: z.unknown(),
});

/**
 * Reads the small files of a run folder. A damaged one is a problem of the row, and the row has what the others say.
 * @param path absolute path
 * @param names files in the folder
 * @param bornAt time of the folder, in milliseconds since 1970
 */
export function readFacts(path: string, names: ReadonlySet<string>, bornAt: number): RunFacts {
  const problems: string[] = [];
  const read = (name: string): unknown => {
    if (!names.has(name)) return undefined;
    const json = readSmallJson(join(path, name), name, MAX_JSON_BYTES);
    if (json === undefined) {
      problems.push(`${name}: expected a file that can be read`);
      return undefined;
    }
    if ('value' in json) return json.value;
    problems.push(json.problem);
    return undefined;
  };
  const parse = <Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> | undefined => {
    const json = read(name);
    if (json === undefined) return undefined;
    const result = schema.safeParse(json);
    if (result.success) return result.data;
    problems.push(`${name}: ${result.error.issues[0]!.path.join('.')}: ${result.error.issues[0]!.message}`);
    return undefined;
  };
  const config = parse('config.json', z.record(z.string(), z.unknown()));
  const start = parse('start.json', startSchema);
  const summary = parse('summary.json', summarySchema);
  const others = [...names].flatMap((name) => /^summary-([a-z0-9-]{1,60})\.json$/.exec(name)?.[1] ?? []).sort();
  const evaluations: Record<string, MetricTable> = {};
  let own: z.output<typeof summarySchema> | undefined = summary;
  for (const command of others) {
    const evaluation = parse(`summary-${command}.json`, summarySchema);
    if (evaluation === undefined) continue;
    evaluations[command] = tableOf(evaluation.metrics);
    own ??= evaluation;
  }
  const bornTime = bornAt > 0 ? bornAt : null;
  const started = start === undefined ? timeOfName(basename(path)) : Date.parse(start.starts[0]!.at);
  return {
    system: start?.system ?? own?.system ?? systemOfPath(path) ?? 'unknown',
    preset: start?.preset ?? null,
    hasStart: start !== undefined,
    isFast: start?.isFast ?? false,
    startedAt: started === null || Number.isNaN(started) ? bornTime : started,
    command: start?.starts.at(-1)!.arguments ?? null,
    config: config ?? null,
    status: own?.status ?? null,
    device: own?.device ?? null,
    tookInSeconds: own?.wallTimeInSeconds ?? null,
    steps: own?.steps ?? null,
    metrics: tableOf(summary?.metrics),
    baselines: tableOf(summary?.baselines),
    evaluations,
    marks: readMarks(path, names, problems),
    hasReport: names.has('report.html'),
    hasWeights: names.has('checkpoints'),
    hasFigures: names.has('figures'),
    problems,
  };
}

/** Facts of a folder of TensorBoard events, which has curves alone. */
export function foreignFacts(bornAt: number): RunFacts {
  return {
    system: 'tensorboard',
    preset: null,
    hasStart: false,
    isFast: false,
    startedAt: bornAt > 0 ? bornAt : null,
    command: null,
    config: null,
    status: null,
    device: null,
    tookInSeconds: null,
    steps: null,
    metrics: {},
    baselines: {},
    evaluations: {},
    marks: unmarked,
    hasReport: false,
    hasWeights: false,
    hasFigures: false,
    problems: [],
  };
}

/** A table of metrics as far as it is one. */
function tableOf(value: unknown): MetricTable {
  const table: Record<string, Record<string, number | null>> = {};
  let count = 0;
  for (const [split, metrics] of entriesOf(value)) {
    const row: Record<string, number | null> = {};
    for (const [name, metric] of entriesOf(metrics)) {
      if (typeof metric !== 'number' && metric !== null) continue;
      if (count++ >= MAX_METRICS) break;
      Object.defineProperty(row, name, { value: metric, enumerable: true, configurable: true, writable: true });
    }
    Object.defineProperty(table, split, { value: row, enumerable: true, configurable: true, writable: true });
  }
  return table;
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

/** Time of a folder's name, such as `2026-01-31_12-00-00`, which is in UTC. */
function timeOfName(name: string): number | null {
  const match = /^(\d{4}-\d\d-\d\d)_(\d\d)-(\d\d)-(\d\d)/.exec(name);
  return match === null ? null : Date.parse(`${match[1]!}T${match[2]!}:${match[3]!}:${match[4]!}Z`);
}

/** System of `runs/<system>/…`. */
function systemOfPath(path: string): string | undefined {
  const parts = path.split(/[/\\]/);
  const at = parts.lastIndexOf('runs');
  return at >= 0 && at < parts.length - 2 ? parts[at + 1] : undefined;
}
