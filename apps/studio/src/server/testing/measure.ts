import type { ChildProcess } from 'node:child_process';
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CurveAnswer, RunList } from '../../shared/api.ts';
import { logOf, writeManyRuns } from './many-runs.ts';
import { metricLine, startOf } from './run-fixtures.ts';
import { startStudio, type StudioProcess } from './studio-process.ts';

/**
 * Measures the server: start with and without its index, memory, a long curve, and the time from a line to its event.
 *
 * `node --conditions=@motley/source --import tsx apps/studio/src/server/testing/measure.ts --runs 1000 --folder DIR`
 */
const { values: options } = parseArgs({
  options: {
    runs: { type: 'string', default: '1000' },
    curves: { type: 'string', default: '20' },
    points: { type: 'string', default: '10000' },
    long: { type: 'string', default: '1000000' },
    live: { type: 'string', default: '20' },
    seconds: { type: 'string', default: '10' },
    /** Folder to keep the runs in, so that the next call need not write them. */
    folder: { type: 'string' },
  },
});
const count = (name: 'runs' | 'curves' | 'points' | 'long' | 'live' | 'seconds'): number => Number(options[name]);

interface Started extends StudioProcess {
  readonly token: string;
  /** From the start of the process to the whole table. */
  readonly firstTableInMs: number;
  /** Processor time until then, which other programs on the machine change less. */
  readonly processorInSeconds: number;
  readonly rows: number;
}

async function start(runs: string, cache: string): Promise<Started> {
  const startedAt = performance.now();
  const studio = await startStudio(['--runs', runs], cache);
  const list = (await (await fetch(`${studio.address}api/runs`)).json()) as RunList;
  const firstTableInMs = performance.now() - startedAt;
  const processorInSeconds = (await usage(studio.child)).seconds;
  const page = await fetch(studio.address).then((response) => response.text());
  const token = /studio-token" content="([\w-]+)"/.exec(page)?.[1] ?? '';
  return { ...studio, token, firstTableInMs, processorInSeconds, rows: list.runs.length };
}

/** Memory and processor time of a process. */
async function usage(child: ChildProcess): Promise<{ readonly peakMiB: number; readonly seconds: number }> {
  const status = await readFile(`/proc/${child.pid!}/status`, 'utf8');
  const stat = (await readFile(`/proc/${child.pid!}/stat`, 'utf8')).split(') ')[1]!.split(' ');
  return {
    peakMiB: Number(/VmHWM:\s+(\d+)/.exec(status)![1]) / 1024,
    seconds: (Number(stat[11]) + Number(stat[12])) / 100,
  };
}

/** Waits until the server has nothing to do. */
async function idle({ child }: Started): Promise<number> {
  const startedAt = performance.now();
  for (let before = -1; ;) {
    const { seconds } = await usage(child);
    if (before >= 0 && seconds - before < 0.1) return performance.now() - startedAt;
    before = seconds;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

const print = (name: string, value: string): void => {
  process.stdout.write(`${name.padEnd(58)} ${value}\n`);
};
const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(2)} s`;

print(
  'machine',
  `${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)}, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`,
);
const scratch = await mkdtemp(join(tmpdir(), 'motley-measure-'));
try {
  const folder = options.folder ?? join(scratch, 'runs');
  if (
    options.folder === undefined ||
    !(await readFile(join(folder, 'whole')).then(
      () => true,
      () => false,
    ))
  ) {
    await writeManyRuns(folder, { runs: count('runs'), curves: count('curves'), points: count('points') });
    writeFileSync(join(folder, 'whole'), '');
  }
  const size = `${options.runs} runs × ${options.curves} curves × ${options.points} points`;
  const cache = join(scratch, 'cache');
  const cold = await start(folder, cache);
  print(
    `${size}: first table, no index`,
    `${seconds(cold.firstTableInMs)} (processor ${cold.processorInSeconds.toFixed(2)} s; ${cold.rows} rows)`,
  );
  print('  until every log is read', seconds(await idle(cold)));
  print('  peak memory', `${(await usage(cold.child)).peakMiB.toFixed(0)} MiB`);
  await cold.stop();
  const warm = await start(folder, cache);
  print(
    `${size}: first table, with the index`,
    `${seconds(warm.firstTableInMs)} (processor ${warm.processorInSeconds.toFixed(2)} s)`,
  );
  await idle(warm);
  print('  peak memory', `${(await usage(warm.child)).peakMiB.toFixed(0)} MiB`);
  const before = await usage(warm.child);
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  print(
    '  processor time while nothing changes',
    `${(100 * ((await usage(warm.child)).seconds - before.seconds)) / 10} % of a core`,
  );
  await warm.stop();
  await measureLong(join(scratch, 'long'), cache);
  await measureLive(join(scratch, 'live'), cache);
} finally {
  await rm(scratch, { recursive: true, force: true });
}

/** One curve of very many points. */
async function measureLong(folder: string, cache: string): Promise<void> {
  mkdirSync(join(folder, 'a'), { recursive: true });
  writeFileSync(join(folder, 'a/config.json'), '{}');
  writeFileSync(join(folder, 'a/metrics.jsonl'), logOf(1, count('long')));
  for (const name of ['no columns kept', 'columns kept']) {
    const server = await start(folder, cache);
    await idle(server);
    const { runs } = (await (await fetch(`${server.address}api/runs`)).json()) as RunList;
    const ask = async (query: string): Promise<number> => {
      const startedAt = performance.now();
      const response = await fetch(
        `${server.address}api/runs/${runs[0]!.id}/curves?name=train/loss&pixels=1200${query}`,
      );
      const { curves } = (await response.json()) as CurveAnswer;
      if (curves[0]?.total !== count('long')) throw new Error('expected the whole curve');
      return performance.now() - startedAt;
    };
    print(`a curve of ${options.long} points, ${name}`, seconds(await ask('')));
    const zooms: number[] = [];
    for (let zoom = 0; zoom < 50; zoom++)
      zooms.push(await ask(`&from=${zoom * 1000}&to=${count('long') - zoom * 5000}`));
    zooms.sort((a, b) => a - b);
    print('  zoom, median and 95th percentile', `${zooms[25]!.toFixed(1)} ms, ${zooms[47]!.toFixed(1)} ms`);
    print('  smoothed', `${(await ask('&smoothing=0.9')).toFixed(1)} ms`);
    await server.stop();
  }
}

/** From a line of a log to its event, with many trainings at a time. */
async function measureLive(folder: string, cache: string): Promise<void> {
  const paths = Array.from({ length: count('live') }, (_, index) => join(folder, `run-${index}`));
  for (const path of paths) {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'config.json'), '{}');
    writeFileSync(join(path, 'start.json'), JSON.stringify(startOf('vae', null)));
    writeFileSync(join(path, 'metrics.jsonl'), logOf(20, 1000));
  }
  const server = await start(folder, cache);
  await idle(server);
  const before = await usage(server.child);
  const written = new Map<string, number>();
  const late: number[] = [];
  const aborter = new AbortController();
  const response = await fetch(`${server.address}api/events?token=${server.token}`, { signal: aborter.signal });
  const reading = (async () => {
    let text = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += Buffer.from(chunk).toString();
      for (const [, id, step] of text.matchAll(
        /"kind":"metrics","id":"(run-\d+)-\w+","curves":\[[^\]]*\],"lastStep":(\d+)/g,
      )) {
        const at = written.get(`${id!}:${step!}`);
        if (at !== undefined) late.push(performance.now() - at);
      }
      text = text.slice(text.lastIndexOf('\n') + 1);
    }
  })().catch(() => undefined);
  const startedAt = performance.now();
  for (let step = 1001; performance.now() - startedAt < 1000 * count('seconds'); step++) {
    for (const [index, path] of paths.entries()) {
      appendFileSync(join(path, 'metrics.jsonl'), metricLine(step, 'train', { loss: 1 / step, accuracy: 0.5 }));
      written.set(`run-${index}:${step}`, performance.now());
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const after = await usage(server.child);
  aborter.abort();
  await reading;
  late.sort((a, b) => a - b);
  const at = (part: number): string => `${late[Math.floor(part * (late.length - 1))]!.toFixed(0)} ms`;
  print(
    `${options.live} runs with 10 lines a second: line to event`,
    `median ${at(0.5)}, 95th percentile ${at(0.95)}, longest ${at(1)}`,
  );
  print(
    '  processor time of the studio',
    `${((100 * (after.seconds - before.seconds)) / (count('seconds') + 1)).toFixed(1)} % of a core`,
  );
  print('  peak memory', `${after.peakMiB.toFixed(0)} MiB`);
  await server.stop();
}
