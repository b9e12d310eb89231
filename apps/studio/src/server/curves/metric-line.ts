import type { MetricLine } from './columns.ts';

const NON_FINITE: Readonly<Record<string, number>> = { NaN, Infinity, '-Infinity': -Infinity };

/**
 * Reads one line of a `metrics.jsonl`. Null stands for NaN, as JSON has none; NaN and Infinity as other programs write
 * them are read too.
 * @returns undefined where it is no record
 */
export function parseMetricLine(text: string): MetricLine | undefined {
  const json = parse(text);
  if (typeof json !== 'object' || json === null) return undefined;
  const { step, epoch, split, timeInSeconds, metrics } = json as Readonly<Record<string, unknown>>;
  if (typeof step !== 'number' || typeof metrics !== 'object' || metrics === null) return undefined;
  const read: [string, number][] = [];
  for (const name in metrics) {
    const value = valueOf((metrics as Readonly<Record<string, unknown>>)[name]);
    if (value !== undefined) read.push([name, value]);
  }
  return {
    step,
    epoch: typeof epoch === 'number' ? epoch : NaN,
    split: typeof split === 'string' ? split : '',
    time: typeof timeInSeconds === 'number' ? timeInSeconds : NaN,
    metrics: read,
  };
}

function valueOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (value === null) return NaN;
  return typeof value === 'string' && Object.hasOwn(NON_FINITE, value) ? NON_FINITE[value] : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (!/NaN|Infinity/.test(text)) return undefined;
  }
  try {
    // A quoted name stays as it is, as it follows no colon.
    return JSON.parse(text.replace(/(:\s*)(NaN|-?Infinity)(?=\s*[,}])/g, '$1"$2"'));
  } catch {
    return undefined;
  }
}
