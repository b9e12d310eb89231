#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UserError, meanAndDeviation } from '@motley/core';
import { findWorkspaceRoot, lineChart, writeFileAtomically } from '@motley/core/node';
import { runForecast } from '../program.ts';
import { runsOf, STUDIES, type StudyName, type StudyRun } from './studies.ts';

/** What a study reads of a run's summary. */
interface Summary {
  readonly status: string;
  readonly wallTimeInSeconds: number;
  readonly metrics: { readonly test: Readonly<Record<string, number>> };
  readonly baselines: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

interface Finished extends StudyRun {
  readonly summary: Summary;
}

/** Metrics of a table's columns, where a run has them. */
const COLUMNS = ['rmse', 'mae', 'scaledMse', 'coverage50', 'coverage90', 'loss', 'accuracy'] as const;

async function summaryOf(folder: string): Promise<Summary | undefined> {
  const path = join(folder, 'summary.json');
  return existsSync(path) ? (JSON.parse(await readFile(path, 'utf8')) as Summary) : undefined;
}

/** A run's summary: what is there already, what a stopped run comes to, or a new one's. */
async function finish(run: StudyRun, out: string): Promise<Finished> {
  const place = run.x === undefined ? run.group : `${run.group}-${run.x}`;
  const folder = join(out, `${place.replaceAll(/[^\w.-]+/g, '-')}-seed-${run.seed}`);
  const found = await summaryOf(folder);
  if (found?.status !== 'completed') {
    const how = existsSync(join(folder, 'config.json'))
      ? ['--resume', folder]
      : [...run.argv, '--seed', String(run.seed), '--out', folder];
    const status = await runForecast(['train', ...how]);
    if (status !== 0) process.exit(status);
  }
  return { ...run, summary: (await summaryOf(folder))! };
}

/** A row for each group and place, with the spread over seeds, and one for each of its baselines. */
function table(runs: readonly Finished[]): string {
  const columns = COLUMNS.filter((name) => runs.some(({ summary }) => summary.metrics.test[name] !== undefined));
  const rows = [...new Set(runs.map(({ group, x }) => `${group}|${x ?? ''}`))].flatMap((key) => {
    const own = runs.filter(({ group, x }) => `${group}|${x ?? ''}` === key);
    const cells = columns.map((name) => {
      const values = own.flatMap(({ summary }) => summary.metrics.test[name] ?? []);
      const { mean, standardDeviation } = meanAndDeviation(values);
      return values.length > 1 ? `${short(mean)} ± ${short(standardDeviation)}` : short(mean);
    });
    const name = key.replace('|', ' ').trim();
    const time = meanAndDeviation(own.map(({ summary }) => summary.wallTimeInSeconds)).mean;
    return [
      `| **LSTM, ${name}** | ${own.length} | ${time.toFixed(0)} s | ${cells.join(' | ')} |`,
      ...Object.entries(own[0]!.summary.baselines).map(
        ([baseline, values]) =>
          `| ${baseline} | | | ${columns.map((column) => (values[column] === undefined ? '' : short(values[column]))).join(' | ')} |`,
      ),
    ];
  });
  return [`| | seeds | time | ${columns.join(' | ')} |`, `|${'---|'.repeat(columns.length + 3)}`, ...rows].join('\n');
}

function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** Accuracy against the delay, of each way to begin, with what is possible and what is easy. */
async function drawDelays(runs: readonly Finished[], out: string): Promise<void> {
  const groups = [...new Set(runs.map(({ group }) => group))];
  const points = (of: readonly Finished[], value: (run: Finished) => number) =>
    [...new Set(of.map(({ x }) => x!))].map(
      (x) => [x, 100 * meanAndDeviation(of.filter((run) => run.x === x).map(value)).mean] as const,
    );
  const cyclic = runs.filter(({ group }) => group === 'cyclic');
  const figure = lineChart({
    title: 'Markov series: accuracy against the delay',
    subtitle: 'test part; the optimum is that of the generator',
    xName: 'delay (steps)',
    yName: 'accuracy (%)',
    lines: [
      ...groups.map((name) => ({
        name: `LSTM, ${name}`,
        points: points(
          runs.filter(({ group }) => group === name),
          ({ summary }) => summary.metrics.test.accuracy!,
        ),
      })),
      ...['optimum', 'linear', 'persistence'].map((name) => ({
        name,
        points: points(cyclic, ({ summary }) => summary.baselines[name]!.accuracy!),
        dashed: true,
      })),
    ],
  });
  await writeFileAtomically(join(out, 'delays.png'), figure.png);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { seeds: { type: 'string', default: '3' }, out: { type: 'string' } },
    allowPositionals: true,
  });
  const study = STUDIES.find((name) => name === positionals[0]);
  const seeds = Number(values.seeds);
  if (study === undefined || positionals.length !== 1)
    throw new UserError(`study: expected one of ${STUDIES.join(', ')}, got ${positionals.join(' ') || 'none'}`);
  if (!(Number.isInteger(seeds) && seeds >= 1 && seeds <= 100))
    throw new UserError(`--seeds: expected an integer from 1 to 100, got ${values.seeds}`);
  const out = outFolder(study, values.out);
  const finished: Finished[] = [];
  for (const run of runsOf(study, seeds)) finished.push(await finish(run, out));
  const text = table(finished);
  await writeFileAtomically(join(out, 'table.md'), `${text}\n`);
  if (study === 'markov') await drawDelays(finished, out);
  process.stdout.write(`${text}\n${out}\n`);
}

function outFolder(study: StudyName, given: string | undefined): string {
  if (given !== undefined) return resolve(process.env.INIT_CWD ?? '.', given);
  return join(findWorkspaceRoot(import.meta.dirname), 'runs', 'lstm-forecast', `study-${study}`);
}

try {
  await main();
} catch (error) {
  const isOurs = error instanceof UserError || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
  if (!isOurs) throw error;
  process.stderr.write(`${(error as Error).message.split('\n')[0]!}\n`);
  process.exitCode = 2;
}
