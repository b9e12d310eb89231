import { largest, smallest } from '@motley/run';
import type { Machine } from './machine.ts';
import { geometricMean, type Spread } from './statistics.ts';

/** Times of a step on Motley and on its peers, in milliseconds. */
export interface Step {
  readonly name: string;
  readonly precision: 'float32' | 'bfloat16';
  readonly ours: Spread;
  /** Times by peer. */
  readonly peers: Readonly<Record<string, Spread>>;
  /** Median of the fastest peer over ours; above 1 ours is faster. Null without a measured peer. */
  readonly ratio: number | null;
}

/** One run of the bench. */
export interface Results {
  readonly title: string;
  /** ISO 8601, to the minute. */
  readonly date: string;
  /** Command line of the run. */
  readonly command: string;
  readonly machine: Machine;
  /** Versions of the libraries compared, by name. */
  readonly versions: Readonly<Record<string, string>>;
  /** Peers that were not measured, with the reason and the command that helps. */
  readonly missing: Readonly<Record<string, string>>;
  /** Method of measurement, in a sentence. */
  readonly method: string;
  readonly repeats: number;
  /** Peers with a ratio of their own (the fastest of them over ours), and their common name. */
  readonly bar?: { readonly name: string; readonly peers: readonly string[] };
  readonly steps: readonly Step[];
}

export function stepOf(name: string, ours: Spread, peers: Readonly<Record<string, Spread>>): Step {
  const medians = Object.values(peers).map((peer) => peer.median);
  const ratio = medians.length === 0 ? null : smallest(medians) / ours.median;
  return { name, precision: 'float32', ours, peers, ratio };
}

/** Fastest median of the given peers over ours; null if the step has no ratio or none of them ran it. */
export function ratioTo({ ratio, ours, peers }: Step, names: readonly string[]): number | null {
  const medians = names.flatMap((name) => peers[name]?.median ?? []);
  return ratio === null || medians.length === 0 ? null : smallest(medians) / ours.median;
}

/** Geometric mean of the ratios; null if there are none. */
export function meanRatio(ratios: readonly (number | null)[]): number | null {
  const present = ratios.filter((ratio) => ratio !== null);
  return present.length === 0 ? null : geometricMean(present);
}

/** The results as a Markdown page. Times are in `unit`. */
export function toMarkdown(results: Results, unit: 'ms' | 'µs'): string {
  const { machine, steps } = results;
  const peers = [...new Set([...steps.flatMap((step) => Object.keys(step.peers)), ...Object.keys(results.missing)])];
  const time = (spread: Spread | undefined, peer: string): string =>
    spread === undefined ? (results.missing[peer] ?? '–') : showSpread(spread, unit);
  const { bar } = results;
  const columns = [
    { name: 'ratio', ratios: steps.map(({ ratio }) => ratio) },
    ...(bar === undefined
      ? []
      : [{ name: `ratio to ${bar.name}`, ratios: steps.map((step) => ratioTo(step, bar.peers)) }]),
  ];
  const rows = steps.map((step, index) => [
    step.name,
    showSpread(step.ours, unit),
    ...peers.map((peer) => time(step.peers[peer], peer)),
    ...columns.map(({ ratios }) => showRatio(ratios[index]!)),
  ]);
  const means = columns.map(({ ratios }) => `**${showRatio(meanRatio(ratios))}**`);
  rows.push(['**geometric mean**', '', ...peers.map(() => ''), ...means]);
  const header = ['', `ours, ${unit}`, ...peers.map((peer) => `${peer}, ${unit}`), ...columns.map(({ name }) => name)];
  const ofBar = bar === undefined ? '' : ` That to ${bar.name} is to the faster of ${bar.peers.join(' and ')}.`;
  const versions = Object.entries(results.versions).map(([name, version]) => `${name} ${version}`);
  return [
    `# ${results.title}`,
    '',
    `${results.method} Median of ${results.repeats} repeats (least–most). The ratio is the fastest peer's median over ours: above 1 we are faster.${ofBar}`,
    '',
    `- ${results.date}, \`${results.command}\``,
    `- ${machine.model}, ${machine.cores} cores${machine.features === '' ? '' : `, ${machine.features}`}`,
    `- ${versions.join(', ')}`,
    '',
    markdownTable(header, rows),
    '',
  ].join('\n');
}

/** A Markdown table with columns padded as by Prettier; all but the first are aligned to the right. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((name, column) =>
    Math.max(4, name.length, largest(rows.map((row) => row[column]!.length))),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join(' | ')} |`;
  const rule = widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(header), line(rule), ...rows.map(line)].join('\n');
}

function showSpread({ median, min, max }: Spread, unit: 'ms' | 'µs'): string {
  const [middle, least, most] = [median, min, max].map((value) => showNumber(unit === 'µs' ? value * 1000 : value));
  return `${middle} (${least}–${most})`;
}

function showRatio(ratio: number | null): string {
  return ratio === null ? '–' : ratio.toFixed(2);
}

/** Three significant digits, never an exponent. */
function showNumber(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return value.toPrecision(3);
}
