import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../../../config/errors.ts';
import type { MetricRecord } from '../../../loop/events.ts';
import { namesInFolder, readJson, readUserFile, writeFileAtomically } from '../../files.ts';
import { toJsonFile, type RunStatus, type Summary } from '../../run/summary.ts';
import { DeliveryQueue } from '../delivery-queue.ts';
import { finalMetrics } from '../final-metrics.ts';
import { flattenConfig } from '../flatten-config.ts';
import type { Logger, LoggerContext } from '../logger.ts';
import { MlflowClient, MlflowError, reasonOfFailure } from './client.ts';

/** Limits of the server on one request and on the text of a parameter. */
const METRICS_PER_REQUEST = 1000;
const PARAMETERS_PER_REQUEST = 100;
const MAX_PARAMETER_LENGTH = 6000;
const MAX_ARTIFACT_BYTES = 2 ** 30;

const SEND_EVERY_MS = 2000;
const FINISH_WITHIN_MS = 10_000;
const STATUS: Readonly<Record<RunStatus, string>> = { completed: 'FINISHED', stopped: 'KILLED', failed: 'FAILED' };

/** Contents of `mlflow.json` in a run folder: id of the run on the server. */
const linkSchema = z.object({ runId: z.string() });

const experimentSchema = z.object({
  experiment: z.object({ experiment_id: z.string(), lifecycle_stage: z.string().optional() }),
});
const createdSchema = z.object({ experiment_id: z.string() });
/** Response of methods that return nothing. */
const doneSchema = z.object({});
const runSchema = z.object({
  run: z.object({
    info: z.object({ run_id: z.string(), artifact_uri: z.string() }),
    data: z
      .object({ params: z.array(z.object({ key: z.string(), value: z.string() })).default([]) })
      .default({ params: [] }),
  }),
});
type Run = z.output<typeof runSchema>['run'];

interface Metric {
  readonly key: string;
  readonly value: number | string;
  readonly timestamp: number;
  readonly step: number;
}

/**
 * Logs a run to an MLflow server: the configuration as parameters, metrics during the training, figures and report at
 * the end. The server is MLFLOW_TRACKING_URI (default http://127.0.0.1:5000), the experiment MLFLOW_EXPERIMENT_NAME
 * (default the system). A resumed run continues the same run on the server.
 * @throws UserError where no MLflow server answers
 */
export async function createMlflowLogger(
  context: LoggerContext,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<Logger> {
  const client = MlflowClient.fromEnvironment(environment);
  const { folder, config } = context;
  const warn = (line: string): void => context.warn?.(`MLflow: ${line}`);
  try {
    const run = (await findRun(client, context, warn)) ?? (await createRun(client, context, environment));
    await logParameters(client, run, config, warn);
    await writeFileAtomically(
      join(folder, 'mlflow.json'),
      toJsonFile({ address: client.address, runId: run.info.run_id }),
    );
    return new MlflowLogger(client, run, folder, warn);
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(
      `--log mlflow: expected an MLflow server at ${client.address}, found: ${reasonOfFailure(error)}`,
      { cause: error },
    );
  }
}

class MlflowLogger implements Logger {
  readonly #client: MlflowClient;
  readonly #run: Run;
  readonly #folder: string;
  readonly #warn: (line: string) => void;
  readonly #metrics: DeliveryQueue<Metric>;
  #refused = 0;

  constructor(client: MlflowClient, run: Run, folder: string, warn: (line: string) => void) {
    this.#client = client;
    this.#run = run;
    this.#folder = folder;
    this.#warn = warn;
    this.#metrics = new DeliveryQueue({
      send: (metrics) => this.#send(metrics),
      batchSize: METRICS_PER_REQUEST,
      intervalInMs: SEND_EVERY_MS,
      onTrouble: (error) => {
        warn(`${client.address} does not answer (${reasonOfFailure(error)}); metrics wait, training goes on`);
      },
    });
  }

  onMetrics({ metrics, split, step }: MetricRecord): void {
    this.#add(Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${name}/${split}`, value])), step);
  }

  async finish(summary: Summary): Promise<void> {
    const { status, steps } = summary;
    this.#add(finalMetrics(summary), steps ?? 0);
    const signal = AbortSignal.timeout(FINISH_WITHIN_MS);
    await this.#metrics.flush(FINISH_WITHIN_MS);
    const left = this.#metrics.undelivered;
    const missing = left + this.#refused;
    if (missing > 0) this.#warn(`has not ${missing} values that ${join(this.#folder, 'metrics.jsonl')} has`);
    // A server that refused these will refuse the rest.
    if (left > 0) return;
    try {
      await this.#putArtifacts(signal);
      const end = { run_id: this.#run.info.run_id, status: STATUS[status], end_time: Date.now() };
      await this.#client.post('runs/update', end, doneSchema, signal);
    } catch (error) {
      this.#warn(`the run's end could not be told to ${this.#client.address}: ${reasonOfFailure(error)}`);
    }
  }

  #add(values: Readonly<Record<string, number>>, step: number): void {
    const timestamp = Date.now();
    this.#metrics.add(
      Object.entries(values).map(([key, value]) => ({
        key,
        // JSON has no NaN. The server accepts the word.
        value: Number.isFinite(value) ? value : String(value),
        timestamp,
        step,
      })),
    );
  }

  async #send(metrics: readonly Metric[]): Promise<void> {
    try {
      await this.#client.post('runs/log-batch', { run_id: this.#run.info.run_id, metrics }, doneSchema);
    } catch (error) {
      if (!(error instanceof MlflowError) || error.isPassing) throw error;
      // Sending them again would fail again, and delay later values.
      if (this.#refused === 0) this.#warn(`${this.#client.address} refuses metrics: ${error.message}`);
      this.#refused += metrics.length;
    }
  }

  /** Uploads figures, report, configuration and summaries to the server's artifact store. */
  async #putArtifacts(signal: AbortSignal): Promise<void> {
    const uri = new URL(this.#run.info.artifact_uri);
    if (uri.protocol !== 'mlflow-artifacts:') {
      this.#warn(`figures and report stay in ${this.#folder}: the server takes no files (it needs --serve-artifacts)`);
      return;
    }
    const figures = join(this.#folder, 'figures');
    const names = [
      ...(await namesInFolder(this.#folder)).filter((name) =>
        /^(report\.html|config\.json|summary(-[a-z-]+)?\.json)$/.test(name),
      ),
      ...(await namesInFolder(figures)).map((name) => `figures/${name}`),
    ];
    for (const name of names) {
      const path = `${decodeURIComponent(uri.pathname).replace(/^\/+/, '')}/${name}`;
      await this.#client.putArtifact(
        path,
        await readUserFile(join(this.#folder, name), 'a file of the run', MAX_ARTIFACT_BYTES),
        signal,
      );
    }
  }
}

/** Run on the server that belongs to a resumed folder. Undefined where there is none. */
async function findRun(
  client: MlflowClient,
  { folder, resumed }: LoggerContext,
  warn: (line: string) => void,
): Promise<Run | undefined> {
  const path = join(folder, 'mlflow.json');
  if (!resumed || !existsSync(path)) return undefined;
  const link = linkSchema.safeParse(await readJson(path, "the link to a server's run"));
  if (!link.success) throw new UserError(`${path}: expected the link to a server's run, found none`);
  const { runId } = link.data;
  try {
    const { run } = await client.get('runs/get', { run_id: runId }, runSchema);
    await client.post('runs/update', { run_id: runId, status: 'RUNNING' }, doneSchema);
    return run;
  } catch (error) {
    if (!(error instanceof MlflowError) || error.code !== 'RESOURCE_DOES_NOT_EXIST') throw error;
    warn(`${client.address} has no run ${runId}, which this folder began; going on in a new one`);
    return undefined;
  }
}

async function createRun(
  client: MlflowClient,
  { folder, system, runName }: LoggerContext,
  environment: NodeJS.ProcessEnv,
): Promise<Run> {
  const experimentId = await findExperiment(client, environment.MLFLOW_EXPERIMENT_NAME ?? system);
  const tags = { 'mlflow.source.name': system, 'motley.folder': folder };
  const begun = {
    experiment_id: experimentId,
    run_name: runName,
    start_time: Date.now(),
    tags: Object.entries(tags).map(([key, value]) => ({ key, value })),
  };
  return (await client.post('runs/create', begun, runSchema)).run;
}

async function findExperiment(client: MlflowClient, name: string): Promise<string> {
  const find = async (): Promise<string> => {
    const { experiment } = await client.get('experiments/get-by-name', { experiment_name: name }, experimentSchema);
    if (experiment.lifecycle_stage === 'deleted') {
      throw new UserError(
        `--log mlflow: the experiment "${name}" at ${client.address} is deleted; restore it, or name another in MLFLOW_EXPERIMENT_NAME`,
      );
    }
    return experiment.experiment_id;
  };
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof MlflowError) || error.code !== 'RESOURCE_DOES_NOT_EXIST') throw error;
  }
  try {
    return (await client.post('experiments/create', { name }, createdSchema)).experiment_id;
  } catch (error) {
    // Another run, of a sweep for instance, created it first.
    if (!(error instanceof MlflowError) || error.code !== 'RESOURCE_ALREADY_EXISTS') throw error;
    return find();
  }
}

/** Logs the configuration. MLflow parameters cannot change, so a resumed run only adds new ones. */
async function logParameters(
  client: MlflowClient,
  { info, data }: Run,
  config: unknown,
  warn: (line: string) => void,
): Promise<void> {
  const known = new Map(data.params.map(({ key, value }) => [key, value]));
  const params = Object.entries(flattenConfig(config)).map(([key, value]) => ({
    key,
    value: String(value).slice(0, MAX_PARAMETER_LENGTH),
  }));
  const changed = params.filter(({ key, value }) => known.has(key) && known.get(key) !== value).map(({ key }) => key);
  if (changed.length > 0) warn(`keeps the first value of what has changed since the run began: ${changed.join(', ')}`);
  const added = params.filter(({ key }) => !known.has(key));
  for (let first = 0; first < added.length; first += PARAMETERS_PER_REQUEST) {
    const batch = added.slice(first, first + PARAMETERS_PER_REQUEST);
    await client.post('runs/log-batch', { run_id: info.run_id, params: batch }, doneSchema);
  }
}
