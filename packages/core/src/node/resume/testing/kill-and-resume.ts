import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, watch, type FSWatcher } from 'node:fs';
import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RandomStream } from '../../../random/random-stream.ts';

const PACKAGE = join(import.meta.dirname, '../../../..');
const CLI = join(import.meta.dirname, 'resumable-cli.ts');

/** Moment of a kill: a delay in milliseconds, or the n-th event among the checkpoint files. */
type Moment =
  | { readonly kind: 'start'; readonly afterMs: number }
  | { readonly kind: 'training'; readonly afterMs: number }
  | { readonly kind: 'writing'; readonly event: number };

export interface KillReport {
  readonly kills: number;
  readonly runs: number;
  /** Number of kills by kind of moment. */
  readonly moments: Readonly<Record<Moment['kind'], number>>;
  /** Results that differ from the uninterrupted run in any bit. */
  readonly differences: readonly string[];
}

export interface KillOptions {
  readonly kills: number;
  readonly seed: number;
  /** An empty folder for the runs. */
  readonly folder: string;
  readonly backend: string;
  readonly print?: (line: string) => void;
}

/**
 * Compares killed and resumed runs with an uninterrupted one. Each run is killed (SIGKILL) and resumed until it
 * finishes, and runs repeat until the requested number of kills. Weights, optimizer, state, metrics and summary must
 * match the uninterrupted run.
 * @throws Error if a process fails for any other reason
 */
export async function killAndResume(options: KillOptions): Promise<KillReport> {
  const { kills, folder, print = () => undefined } = options;
  const random = RandomStream.fromSeed(options.seed);
  const reference = join(folder, 'reference');
  const startedAt = performance.now();
  await live(reference, options, undefined);
  const lifeInMs = performance.now() - startedAt;
  const expected = await resultsOf(reference);
  print(`a whole run: ${(lifeInMs / 1000).toFixed(1)} s, ${expected.size} results`);
  const moments = { start: 0, training: 0, writing: 0 };
  const differences: string[] = [];
  let [killed, runs] = [0, 0];
  while (killed < kills) {
    const run = join(folder, `run-${++runs}`);
    for (let ended = false; !ended;) {
      const moment = killed < kills ? drawMoment(random, lifeInMs) : undefined;
      ended = await live(run, options, moment);
      if (ended || moment === undefined) continue;
      killed++;
      moments[moment.kind]++;
      print(`kill ${killed} of ${kills}: ${describe(moment)}`);
    }
    const found = await resultsOf(run);
    for (const name of new Set([...expected.keys(), ...found.keys()])) {
      if (expected.get(name) !== found.get(name)) differences.push(`run ${runs}: ${name}`);
    }
    print(`run ${runs} ended: ${differences.length === 0 ? 'the same bits' : differences.join(', ')}`);
    await rm(run, { recursive: true });
  }
  return { kills: killed, runs, moments, differences };
}

function drawMoment(random: RandomStream, lifeInMs: number): Moment {
  const [kind = 0, event = 1] = random.integers(2, 0, 60);
  const [part = 0] = random.uniformValues(1);
  if (kind < 6) return { kind: 'start', afterMs: part * 0.5 * lifeInMs };
  if (kind < 30) return { kind: 'training', afterMs: part * 300 };
  return { kind: 'writing', event: 1 + event };
}

function describe(moment: Moment): string {
  if (moment.kind === 'writing') return `at event ${moment.event} of its files`;
  const after = moment.kind === 'start' ? 'its start' : 'its first file';
  return `${Math.round(moment.afterMs)} ms after ${after}`;
}

/** Starts or resumes a run. Returns true if it finished before the moment of the kill. */
async function live(run: string, { backend }: KillOptions, moment: Moment | undefined): Promise<boolean> {
  const checkpoints = join(run, 'checkpoints');
  const how = existsSync(join(run, 'config.json')) ? ['--resume', run] : ['--preset', 'kill-and-resume', '--out', run];
  // Created in advance, because the watcher needs an existing folder.
  mkdirSync(checkpoints, { recursive: true });
  const argv = ['--conditions=@motley/source', '--import', import.meta.resolve('tsx'), CLI, 'train', ...how];
  const child = spawn(process.execPath, [...argv, '--backend', backend], {
    cwd: PACKAGE,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (bytes: Buffer) => (errors += bytes.toString()));
  const stopWaiting = moment === undefined ? () => undefined : killAt(child, moment, checkpoints);
  const end = await new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.on('close', (code, signal) => {
      resolve({ code, signal });
    });
  });
  stopWaiting();
  if (end.signal !== 'SIGKILL' && end.code !== 0) throw new Error(`${run} ended with ${end.code}: ${errors}`);
  return end.code === 0;
}

/**
 * Schedules the kill.
 * @returns a function to call when the child ends
 */
function killAt(child: ChildProcess, moment: Moment, checkpoints: string): () => void {
  let timer: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;
  let events = 0;
  const kill = (): void => {
    child.kill('SIGKILL');
  };
  if (moment.kind === 'start') timer = setTimeout(kill, moment.afterMs);
  else {
    watcher = watch(checkpoints, () => {
      events++;
      if (moment.kind === 'writing' && events === moment.event) kill();
      if (moment.kind === 'training') timer ??= setTimeout(kill, moment.afterMs);
    });
  }
  return () => {
    clearTimeout(timer);
    watcher?.close();
  };
}

/** Results of a run by name, without times. */
async function resultsOf(run: string): Promise<Map<string, string>> {
  const checkpoints = join(run, 'checkpoints');
  const last = (await readFile(join(checkpoints, 'last'), 'utf8')).trim();
  const results = new Map<string, string>();
  for (const name of (await readdir(checkpoints)).filter((each) => each.startsWith(`${last}.`))) {
    const bytes = await readFile(join(checkpoints, name));
    results.set(name, name.endsWith('.json') ? timeless(bytes.toString()) : bytes.toString('base64'));
  }
  results.set('metrics.jsonl', timeless(await readFile(join(run, 'metrics.jsonl'), 'utf8')));
  const { status, steps, metrics } = JSON.parse(await readFile(join(run, 'summary.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  results.set('summary.json', JSON.stringify({ status, steps, metrics }));
  return results;
}

function timeless(json: string): string {
  return json.replaceAll(/,?"(?:timeInSeconds|samplesPerSecond)":[-\d.e]+/g, '');
}
