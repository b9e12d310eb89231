import { readFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { cpus, freemem, loadavg, totalmem } from 'node:os';
import { extname, join } from 'node:path';
import { Hono, type Context } from 'hono';
import { z } from 'zod';
import type { CurveAnswer, CurvesOfRuns, MachineInfo, RunDetail, RunList, StudioState } from '../../shared/api.ts';
import type { MetricColumns } from '../curves/columns.ts';
import { csvOf } from '../curves/csv.ts';
import type { LoadedCurves } from '../curves/curve-store.ts';
import { viewOf } from '../curves/curve-store.ts';
import type { CurveRequest } from '../curves/curve-view.ts';
import { realPathInside } from '../files/inside.ts';
import { shownCommand } from '../launch/request.ts';
import {
  checkpointsOf,
  curveInfos,
  fieldsWithValues,
  figuresOf,
  fileStream,
  weightsPath,
} from '../run-folders/detail.ts';
import { processOf } from '../run-folders/process.ts';
import type { IndexedRun } from '../run-folders/run-index.ts';
import type { Studio } from '../studio.ts';
import { FILE_POLICY } from './guard.ts';
import { Refused } from './refusal.ts';

const MAX_NAMES = 500;
const MAX_RUNS = 200;
const MAX_PIXELS = 8192;
const TYPES: Readonly<Record<string, string>> = { '.png': 'image/png', '.svg': 'image/svg+xml', '.gif': 'image/gif' };

/** Files of a run that a demo may ask for, as an exported site has them. */
const FILE_NAME = /^\w[\w.-]*$/;
const MAX_FILE_BYTES = 256 * 2 ** 20;

const number = z
  .string()
  .regex(/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i)
  .transform(Number);
const curveQuery = z.object({
  axis: z.enum(['step', 'epoch', 'time']).default('step'),
  from: number.default(-Infinity),
  to: number.default(Infinity),
  pixels: number.pipe(z.number().int().min(1).max(MAX_PIXELS)).default(800),
  smoothing: number.pipe(z.number().min(0).max(0.9999)).default(0),
  edges: z.enum(['0', '1']).default('0'),
});

/** Routes that read. */
export function runRoutes(studio: Studio): Hono {
  const app = new Hono();

  app.get('/state', (context) => context.json(stateOf(studio)));
  app.get('/machine', (context) => {
    const [total, free] = [totalmem(), freemem()];
    return context.json<MachineInfo>({
      cores: cpus().length,
      load: loadavg()[0]!,
      usedBytes: total - free,
      totalBytes: total,
    });
  });
  app.get('/systems', async (context) => context.json(await studio.systems()));
  app.get('/launches', (context) => context.json(studio.queue.rows));
  app.get('/trash', (context) => context.json(studio.trash.list()));

  app.get('/runs', async (context) => {
    await studio.ready();
    return context.json<RunList>({ runs: studio.index.rows, version: studio.hub.version });
  });

  app.get('/runs/:id', async (context) => {
    const run = await runOf(studio, context);
    return context.json(await detailOf(studio, run));
  });
  app.get('/runs/:id/config', async (context) => {
    const { facts } = await runOf(studio, context);
    if (facts.config === null) throw new Refused(404, 'config: the run has none');
    return context.json(facts.config);
  });
  app.get('/runs/:id/process', async (context) => context.json(await processOf((await runOf(studio, context)).path)));

  app.get('/runs/:id/curves', async (context) => {
    const run = await runOf(studio, context);
    const loaded = await studio.index.curves(run);
    return context.json(answerOf(loaded, namesOf(context), requestOf(context)));
  });
  app.get('/curves', async (context) => {
    await studio.ready();
    const ids = context.req.queries('run') ?? [];
    if (ids.length === 0 || ids.length > MAX_RUNS) throw new Refused(400, `run: expected 1 to ${MAX_RUNS} runs`);
    const [names, request] = [namesOf(context), requestOf(context)];
    const runs: Record<string, CurveAnswer> = {};
    for (const id of new Set(ids)) {
      const run = studio.index.get(id);
      if (run === undefined) continue;
      const answer = answerOf(await studio.index.curves(run), names, request);
      if (answer.curves.length > 0) runs[id] = answer;
    }
    return context.json<CurvesOfRuns>({ runs });
  });
  app.get('/runs/:id/curves.csv', async (context) => {
    const run = await runOf(studio, context);
    const columns = await columnsOf(studio, run);
    const parts = csvOf(columns, namesOf(context, false));
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const part = parts.next();
        if (part.done === true) controller.close();
        else controller.enqueue(encoder.encode(part.value));
      },
    });
    return context.body(body, 200, {
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': `attachment; filename="${run.row.id}.csv"`,
    });
  });

  app.get('/runs/:id/figures/:rest{.+}', async (context) => {
    const { path } = await runOf(studio, context);
    const rest = context.req.param('rest');
    if (!/^[a-z0-9][\w.-]*(\/step-\d{1,15})?\.(png|svg|gif)$/i.test(rest))
      throw new Refused(404, 'figure: there is no such one');
    const file = await realPathInside(join(path, 'figures'), rest);
    if (file === undefined) throw new Refused(404, 'figure: there is no such one');
    return sendFile(context, file, TYPES[extname(rest).toLowerCase()]!);
  });
  app.get('/runs/:id/report', async (context) => {
    const { path } = await runOf(studio, context);
    const file = await realPathInside(path, 'report.html');
    if (file === undefined) throw new Refused(404, 'report: the run has none yet');
    return sendFile(context, file, 'text/html; charset=utf-8');
  });
  app.get('/runs/:id/files/:name', async (context) => {
    const { path } = await runOf(studio, context);
    const name = context.req.param('name');
    const file = FILE_NAME.test(name) ? await realPathInside(path, name) : undefined;
    if (file === undefined) throw new Refused(404, 'file: the run has no such one');
    if ((await stat(file)).size > MAX_FILE_BYTES) throw new Refused(413, 'file: expected at most 256 MiB, found more');
    return sendFile(context, file, 'application/octet-stream');
  });
  app.get('/runs/:id/weights', async (context) => {
    const { path } = await runOf(studio, context);
    const file = await weightsPath(path, context.req.query('checkpoint'));
    return sendFile(context, file, 'application/octet-stream');
  });
  return app;
}

export function stateOf(studio: Studio): StudioState {
  return {
    version: versionOf(),
    isReadOnly: studio.isReadOnly,
    canLaunch: studio.canLaunch,
    folders: studio.roots.map(({ path }) => path),
    atOnce: studio.queue.atOnce,
  };
}

let version: string | undefined;

/** Version of this package. */
function versionOf(): string {
  const path = join(import.meta.dirname, '../../../package.json');
  version ??= (JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version;
  return version;
}

async function runOf(studio: Studio, { req }: Context): Promise<IndexedRun> {
  await studio.ready();
  return studio.run(req.param('id') ?? '');
}

function namesOf({ req }: Context, isRequired = true): string[] {
  const names = req.queries('name') ?? [];
  if (names.length > MAX_NAMES || (isRequired && names.length === 0))
    throw new Refused(400, `name: expected 1 to ${MAX_NAMES} curves, got ${names.length}`);
  return names;
}

function requestOf({ req }: Context): CurveRequest {
  const result = curveQuery.safeParse(req.query());
  if (!result.success) {
    const { path, message } = result.error.issues[0]!;
    throw new Refused(400, `${path.join('.')}: ${message}`);
  }
  const { edges, ...request } = result.data;
  return { ...request, hasEdges: edges === '1' };
}

function answerOf(loaded: LoadedCurves, names: readonly string[], request: CurveRequest): CurveAnswer {
  return { curves: names.flatMap((name) => viewOf(loaded, name, request.axis)?.data(request) ?? []) };
}

async function columnsOf({ index }: Studio, run: IndexedRun): Promise<MetricColumns> {
  return (await index.curves(run)).source.columns;
}

async function detailOf(studio: Studio, run: IndexedRun): Promise<RunDetail> {
  const { row, facts, path, root } = run;
  const columns = await columnsOf(studio, run);
  const program = studio.catalog.programs.get(facts.system);
  const checkpoints = root.kind === 'runs' ? checkpointsOf(path) : [];
  const shown = (argv: readonly string[]): string | null =>
    program === undefined ? null : shownCommand(program, argv);
  return {
    row,
    config: facts.config,
    fields: facts.config === null ? [] : fieldsWithValues(facts.config, studio.catalog.get(facts.system)),
    curves: curveInfos(columns),
    baselines: facts.baselines,
    metrics: facts.metrics,
    figures: root.kind === 'runs' ? figuresOf(row.id, path) : [],
    checkpoints,
    command: facts.command === null ? null : shown(facts.command),
    resumeCommand: root.kind === 'runs' && facts.config !== null ? shown(['train', '--resume', path]) : null,
    hasDemo: program?.demo !== undefined && checkpoints.length > 0,
    hasReport: facts.hasReport,
    evaluations: facts.evaluations,
  };
}

/** Sends a file that a run wrote: no script of it runs in the studio's origin. */
async function sendFile(context: Context, path: string, type: string): Promise<Response> {
  const { size, mtimeMs, ino } = await stat(path);
  const tag = `"${ino}-${size}-${mtimeMs}"`;
  const headers = {
    'content-type': type,
    'content-security-policy': FILE_POLICY,
    etag: tag,
    'cache-control': 'private, no-cache',
  };
  if (context.req.header('if-none-match') === tag) return context.body(null, 304, headers);
  if (size < 2 ** 20) return context.body(new Uint8Array(await readFile(path)), 200, headers);
  return context.body(fileStream(path), 200, { ...headers, 'content-length': String(size) });
}
