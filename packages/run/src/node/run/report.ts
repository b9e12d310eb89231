import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { MetricRecord } from '../../loop/events.ts';
import { lineChart } from '../figures/charts.ts';
import { escapeMarkup } from '../figures/style.ts';
import { namesInFolder, readJson, readUserFile } from '../files.ts';
import { flattenConfig } from '../logging/flatten-config.ts';
import { programName } from '../program-name.ts';
import { readDataRecord } from './data-record.ts';
import { readMetrics } from './metrics-log.ts';
import { inWords, page, section, shownNumber, table, type Cell } from './report-page.ts';
import { readSummary, type Summary } from './summary.ts';

const MAX_PICTURE_BYTES = 2 ** 28;
/** Size of a chart on a page that shows two side by side. */
const CURVE = { width: 560, height: 340 } as const;

/**
 * Report of a run folder as one HTML page without external files: status, metrics beside baselines, curves, figures,
 * configuration, versions.
 */
export async function renderReport(folder: string): Promise<string> {
  const config = await readJson(join(folder, 'config.json'), 'a configuration');
  const summaries = await readSummaries(folder);
  const metricsPath = join(folder, 'metrics.jsonl');
  const records = existsSync(metricsPath) ? await readMetrics(metricsPath) : [];
  return page(`${summaries[0]?.system ?? 'run'}: ${basename(folder)}`, [
    ...summaries.map(summarySection),
    curvesSection(records),
    await figuresSection(join(folder, 'figures')),
    configSection(config),
    repeatSection(folder, summaries[0], (await readDataRecord(folder))?.path ?? undefined),
  ]);
}

/** Summaries of the folder: that of the training, then those of other commands by name. */
async function readSummaries(folder: string): Promise<Summary[]> {
  const names = (await namesInFolder(folder)).filter((name) => /^summary(-[a-z-]+)?\.json$/.test(name));
  names.sort((a, b) => Number(b === 'summary.json') - Number(a === 'summary.json'));
  return Promise.all(names.map((name) => readSummary(folder, name)));
}

function summarySection(summary: Summary): string {
  const { command, status, metrics, baselines, system, ...facts } = summary;
  const { wallTimeInSeconds, peakMemoryInBytes, steps, parameters, samplesPerSecond, device } = summary;
  const tiles = [
    ['status', `<span class="status-${status}">${status}</span>`],
    ['on', escapeMarkup(device)],
    ['time', duration(wallTimeInSeconds)],
    ...(steps === null ? [] : [['steps', shownNumber(steps)]]),
    ...(samplesPerSecond === null ? [] : [['samples per second', shownNumber(Math.round(samplesPerSecond))]]),
    ...(parameters === null ? [] : [['parameters', shownNumber(parameters)]]),
    ['memory', `${shownNumber(Math.round(peakMemoryInBytes / 2 ** 20))} MiB`],
  ].map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`);
  const names = [...new Set([...Object.values(metrics), ...Object.values(baselines)].flatMap(Object.keys))];
  const rowsOf = (figures: Summary['metrics'], prefix: string): Cell[][] =>
    Object.entries(figures).map(([key, values]) => [
      prefix + inWords(key),
      ...names.map((name) => (Object.hasOwn(values, name) ? values[name] : undefined)),
    ]);
  const measured = [...rowsOf(metrics, ''), ...rowsOf(baselines, 'baseline: ')];
  const details = table(
    [],
    Object.entries(facts).map(([name, value]) => [
      inWords(name),
      typeof value === 'number' ? value : String(value ?? '–'),
    ]),
  );
  return section(
    command,
    `<dl>${tiles.join('')}</dl>${names.length === 0 ? '' : table(['', ...names.map(inWords)], measured)}
<details><summary>Details of ${escapeMarkup(system)} ${escapeMarkup(command)}</summary>${details}</details>`,
  );
}

/** `45.2 s`, `3 min 5 s`, `2 h 10 min`. */
function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** One chart per metric, with one line per split. Metrics with a single point are shown in tables. */
function curvesSection(records: readonly MetricRecord[]): string {
  const names = [...new Set(records.flatMap(({ metrics }) => Object.keys(metrics)))];
  const charts: string[] = [];
  const single: Cell[][] = [];
  for (const name of names) {
    const ofMetric = records.filter(({ metrics }) => Object.hasOwn(metrics, name));
    const splits = [...new Set(ofMetric.map(({ split }) => split))];
    const lines = splits.map((split) => ({
      name: split,
      points: ofMetric
        .filter((record) => record.split === split)
        .map(({ step, metrics }) => [step, metrics[name]!] as const),
    }));
    if (lines.every(({ points }) => points.length === 1)) {
      for (const line of lines) single.push([inWords(name), line.name, ...line.points[0]!]);
      continue;
    }
    const title = inWords(name);
    const { svg = '' } = lineChart({ title, xName: 'step', yName: title, lines, ...CURVE });
    charts.push(`<figure>${image(title, 'image/svg+xml', Buffer.from(svg))}</figure>`);
  }
  const once = single.length === 0 ? '' : table(['measured once', 'on', 'step', 'value'], single);
  return section('Curves', (charts.length === 0 ? '' : `<div class="pictures">${charts.join('')}</div>`) + once);
}

async function figuresSection(folder: string): Promise<string> {
  const names = (await namesInFolder(folder)).filter((name) => name.endsWith('.png'));
  const pictures = await Promise.all(
    names.map(async (name) => {
      const caption = basename(name, '.png').replaceAll('-', ' ');
      const picture = image(
        caption,
        'image/png',
        await readUserFile(join(folder, name), 'a picture', MAX_PICTURE_BYTES),
      );
      return `<figure>${picture}<figcaption>${escapeMarkup(caption)}</figcaption></figure>`;
    }),
  );
  return section('Figures', pictures.length === 0 ? '' : `<div class="pictures">${pictures.join('')}</div>`);
}

function image(name: string, type: string, bytes: Buffer): string {
  return `<img alt="${escapeMarkup(name)}" src="data:${type};base64,${bytes.toString('base64')}">`;
}

function configSection(config: unknown): string {
  const rows = Object.entries(flattenConfig(config)).map(([path, value]) => [path, String(value)]);
  const json = escapeMarkup(JSON.stringify(config, null, 2));
  return section(
    'Configuration',
    `${table([], rows)}<details><summary>config.json</summary><pre>${json}</pre></details>`,
  );
}

/** Command that repeats the run, and the versions that created this page. */
function repeatSection(folder: string, summary: Summary | undefined, dataPath: string | undefined): string {
  if (summary === undefined) return '';
  const { system, precision, compiled, tensorflow, backend } = summary;
  const command = [
    `${programName(system)} train --config ${shellWord(join(folder, 'config.json'))}`,
    ...(dataPath === undefined ? [] : [`--data ${shellWord(dataPath)}`]),
    ...(tensorflow === null && backend !== 'scratch' ? [`--backend ${backend}`] : []),
    ...(precision === 'float32' ? [] : [`--precision ${precision}`]),
    ...(compiled || tensorflow === null ? [] : ['--no-compile']),
  ];
  const { version, platform, arch } = process;
  const versions = [
    ...(tensorflow === null ? [] : [['TensorFlow', tensorflow]]),
    ['Node', version],
    ['platform', `${platform} ${arch}`],
  ];
  return section('To repeat it', `<pre>${escapeMarkup(command.join(' '))}</pre>${table([], versions)}`);
}

/** Quotes a path for a shell. */
function shellWord(path: string): string {
  return /^[\w./:\\-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
