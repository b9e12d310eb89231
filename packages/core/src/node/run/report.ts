import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { MetricRecord } from '../../train/events.ts';
import { lineChart } from '../figures/charts.ts';
import { escapeMarkup } from '../figures/style.ts';
import { readJson } from '../files.ts';
import { readMetrics } from './metrics-log.ts';
import { readSummary, type MetricTable, type Summary } from './summary.ts';

const STYLE = `
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #2b2f36; background: #f6f7f9; margin: 0; }
main { max-width: 1080px; margin: 0 auto; padding: 24px; }
section { background: #fff; border: 1px solid #e3e6ea; border-radius: 10px; padding: 16px 24px; margin: 16px 0; }
h1 { margin: 8px 0; } h2 { font-size: 18px; margin: 4px 0 12px; }
table { border-collapse: collapse; } th, td { text-align: left; padding: 4px 24px 4px 0; border-bottom: 1px solid #eef0f2; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
img { max-width: 100%; height: auto; } figure { margin: 0 0 24px; } figcaption { color: #6b7280; }
pre { overflow: auto; background: #f6f7f9; padding: 12px; border-radius: 6px; }
.status-completed { color: #2e7d32; } .status-stopped { color: #b26a00; } .status-failed { color: #b3261e; }`;

/** One HTML page over a run's folder that needs nothing beside it: summaries, curves, figures, configuration. */
export async function renderReport(folder: string): Promise<string> {
  const config = await readJson(join(folder, 'config.json'), 'a configuration');
  const summaries = await readSummaries(folder);
  const metricsPath = join(folder, 'metrics.jsonl');
  const records = existsSync(metricsPath) ? await readMetrics(metricsPath) : [];
  const title = `${summaries[0]?.system ?? 'run'}: ${basename(folder)}`;
  const body = [
    `<h1>${escapeMarkup(title)}</h1>`,
    ...summaries.map(summarySection),
    curvesSection(records),
    await figuresSection(join(folder, 'figures')),
    section('Configuration', `<pre>${escapeMarkup(JSON.stringify(config, null, 2))}</pre>`),
  ];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeMarkup(title)}</title>
<style>${STYLE}</style>
</head>
<body><main>
${body.filter((part) => part !== '').join('\n')}
</main></body>
</html>
`;
}

/** The training's first, then the later commands' by name. */
async function readSummaries(folder: string): Promise<Summary[]> {
  const names = (await readdir(folder)).filter((name) => /^summary(-[a-z-]+)?\.json$/.test(name)).sort();
  names.sort((a, b) => Number(b === 'summary.json') - Number(a === 'summary.json'));
  return Promise.all(names.map((name) => readSummary(folder, name)));
}

function section(heading: string, content: string): string {
  return content === '' ? '' : `<section><h2>${escapeMarkup(heading)}</h2>${content}</section>`;
}

function summarySection(summary: Summary): string {
  const { command, status, metrics, baselines, ...facts } = summary;
  const state = `<p>Status: <strong class="status-${status}">${status}</strong></p>`;
  const measured = table({ ...metrics, ...prefixed(baselines, 'baseline: ') });
  const rows = Object.entries(facts).map(([name, value]) => row([inWords(name), shownFact(name, value)]));
  return section(
    command,
    `${state}${measured}<details><summary>Details</summary><table>${rows.join('')}</table></details>`,
  );
}

function prefixed(figures: MetricTable, prefix: string): MetricTable {
  return Object.fromEntries(Object.entries(figures).map(([name, values]) => [prefix + name, values]));
}

function table(figures: MetricTable): string {
  const names = [...new Set(Object.values(figures).flatMap(Object.keys))];
  if (names.length === 0) return '';
  const head = `<tr><th></th>${names.map((name) => `<th>${escapeMarkup(inWords(name))}</th>`).join('')}</tr>`;
  const rows = Object.entries(figures).map(([key, values]) => row([key, ...names.map((name) => values[name])]));
  return `<table>${head}${rows.join('')}</table>`;
}

function row(cells: readonly (string | number | null | undefined)[]): string {
  const shown = cells.map((cell) =>
    typeof cell === 'number'
      ? `<td class="number">${Number(cell.toPrecision(6))}</td>`
      : `<td>${escapeMarkup(cell ?? '')}</td>`,
  );
  return `<tr>${shown.join('')}</tr>`;
}

function shownFact(name: string, value: string | number | boolean | null): string | number {
  if (name === 'peakMemoryInBytes') return `${(Number(value) / 2 ** 20).toFixed(0)} MiB`;
  return typeof value === 'number' ? value : String(value ?? '–');
}

/** `samplesPerSecond` → `samples per second`. */
function inWords(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** A chart for each metric, a line for each split. */
function curvesSection(records: readonly MetricRecord[]): string {
  const names = [...new Set(records.flatMap(({ metrics }) => Object.keys(metrics)))];
  const charts = names.map((name) => {
    const ofMetric = records.filter(({ metrics }) => metrics[name] !== undefined);
    const splits = [...new Set(ofMetric.map(({ split }) => split))];
    const lines = splits.map((split) => ({
      name: split,
      points: ofMetric
        .filter((record) => record.split === split)
        .map(({ step, metrics }) => [step, metrics[name]!] as const),
    }));
    const { svg = '' } = lineChart({ title: inWords(name), xName: 'step', yName: inWords(name), lines, height: 400 });
    return picture(name, 'image/svg+xml', Buffer.from(svg));
  });
  return section('Curves', charts.join(''));
}

async function figuresSection(folder: string): Promise<string> {
  const names = existsSync(folder) ? (await readdir(folder)).filter((name) => name.endsWith('.png')).sort() : [];
  const pictures = await Promise.all(
    names.map(async (name) => picture(basename(name, '.png'), 'image/png', await readFile(join(folder, name)))),
  );
  return section('Figures', pictures.join(''));
}

function picture(name: string, type: string, bytes: Buffer): string {
  const caption = escapeMarkup(name.replaceAll('-', ' '));
  const source = `data:${type};base64,${bytes.toString('base64')}`;
  return `<figure><img alt="${caption}" src="${source}"><figcaption>${caption}</figcaption></figure>`;
}
