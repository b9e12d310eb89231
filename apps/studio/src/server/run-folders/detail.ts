import { createReadStream, readdirSync, statSync, type Dirent } from 'node:fs';
import { join } from 'node:path';
import type { SystemDescription } from '@motley/run/folders';
import type { CheckpointInfo, ConfigField, CurveInfo, FigureInfo } from '../../shared/api.ts';
import type { MetricColumns } from '../curves/columns.ts';
import { realPathInside } from '../files/inside.ts';
import { readSmall } from '../files/read-small.ts';
import { Refused } from '../http/refusal.ts';
import { fieldsOf } from '../systems/catalog.ts';
import { valueAt } from './differs.ts';

const MAX_FIGURES = 500;
const FORMATS: readonly FigureInfo['format'][] = ['svg', 'gif', 'png'];
const NAME = /^[a-z0-9][a-z0-9._-]{0,150}$/i;

/** Entries of a folder; none where it cannot be read. */
export function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** Figures of a run: pictures in `figures/`, and series `figures/<name>/step-N.png`. */
export function figuresOf(id: string, folder: string): FigureInfo[] {
  const address = `/api/runs/${id}/figures`;
  const formats = new Map<string, Set<string>>();
  const series: FigureInfo[] = [];
  for (const entry of entriesOf(join(folder, 'figures'))) {
    if (!NAME.test(entry.name)) continue;
    if (entry.isDirectory()) {
      const steps = new Map<FigureInfo['format'], number[]>(FORMATS.map((format) => [format, []]));
      for (const { name } of entriesOf(join(folder, 'figures', entry.name))) {
        const match = /^step-(\d{1,15})\.(png|svg|gif)$/.exec(name);
        if (match !== null) steps.get(match[2] as FigureInfo['format'])!.push(Number(match[1]));
      }
      const format = FORMATS.find((each) => steps.get(each)!.length > 0);
      if (format === undefined) continue;
      const href = `${address}/${entry.name}/step-{step}.${format}`;
      series.push({ name: entry.name, steps: steps.get(format)!.sort((a, b) => a - b), format, href });
    } else {
      const [, name, format] = /^(.+)\.(png|svg|gif)$/.exec(entry.name) ?? [];
      if (name === undefined || format === undefined || !entry.isFile()) continue;
      formats.set(name, (formats.get(name) ?? new Set()).add(format));
    }
  }
  const single = [...formats].map(([name, found]): FigureInfo => {
    const format = FORMATS.find((each) => found.has(each))!;
    return { name, steps: [], format, href: `${address}/${name}.${format}` };
  });
  return [...single, ...series].sort((a, b) => a.name.localeCompare(b.name)).slice(0, MAX_FIGURES);
}

/** Checkpoints of a run, ascending. One without its state file is not complete. */
export function checkpointsOf(folder: string): CheckpointInfo[] {
  const path = join(folder, 'checkpoints');
  const names = new Set(entriesOf(path).map(({ name }) => name));
  const [best, last] = [stepNamed(path, 'best'), stepNamed(path, 'last')];
  return [...names]
    .flatMap((name) => /^step-(\d{1,15})\.state\.json$/.exec(name)?.[1] ?? [])
    .map((step) => ({
      step: Number(step),
      bytes: statSync(join(path, `step-${step}.safetensors`), { throwIfNoEntry: false })?.size ?? 0,
      isBest: best === Number(step),
      isLast: last === Number(step),
    }))
    .sort((a, b) => a.step - b.step);
}

function stepNamed(path: string, name: 'best' | 'last'): number | undefined {
  const bytes = readSmall(join(path, name), 100);
  const step = bytes instanceof Buffer ? /^step-(\d{1,15})\s*$/.exec(bytes.toString('utf8'))?.[1] : undefined;
  return step === undefined ? undefined : Number(step);
}

/**
 * Real path of a checkpoint's weights.
 * @param name `best`, `last` or a step; default: the best, or else the last one
 * @throws Refused where there is none
 */
export async function weightsPath(folder: string, name: string | undefined): Promise<string> {
  const checkpoints = checkpointsOf(folder);
  const chosen =
    name === undefined
      ? (checkpoints.find(({ isBest }) => isBest) ?? checkpoints.findLast(({ isLast }) => isLast) ?? checkpoints.at(-1))
      : checkpoints.find(({ step, isBest, isLast }) =>
          name === 'best' ? isBest : name === 'last' ? isLast : String(step) === name,
        );
  if (chosen === undefined) throw new Refused(404, 'weights: the run has no such checkpoint');
  const path = await realPathInside(folder, join('checkpoints', `step-${chosen.step}.safetensors`));
  if (path === undefined) throw new Refused(404, 'weights: the file is missing');
  return path;
}

/** Fields of a configuration with their values in the run. Without a description, what the configuration shows. */
export function fieldsWithValues(config: unknown, system: SystemDescription | undefined): ConfigField[] {
  if (system !== undefined)
    return fieldsOf(system).map((field) => ({ ...field, value: valueAt(config, field.path) ?? null }));
  const found: ConfigField[] = [];
  const visit = (value: unknown, path: string): void => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, child] of Object.entries(value)) visit(child, path === '' ? key : `${path}.${key}`);
      return;
    }
    if (path !== '') found.push({ path, type: typeOf(value), description: '', default: null, value });
  };
  visit(config, '');
  return found;
}

function typeOf(value: unknown): ConfigField['type'] {
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value === 'boolean' || typeof value === 'string' ? (typeof value as 'boolean' | 'string') : 'other';
}

export function curveInfos({ curves }: MetricColumns): CurveInfo[] {
  return [...curves.values()].map(({ name, split, metric, values }) => {
    const last = values.view[values.length - 1]!;
    return { name, split, metric, points: values.length, last: Number.isFinite(last) ? last : null };
  });
}

/** Bytes of a file as a web stream. */
export function fileStream(path: string): ReadableStream<Uint8Array> {
  const file = createReadStream(path);
  const chunks = file[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  return new ReadableStream({
    async pull(controller) {
      const chunk = await chunks.next();
      if (chunk.done === true) controller.close();
      else controller.enqueue(chunk.value);
    },
    cancel() {
      file.destroy();
    },
  });
}
