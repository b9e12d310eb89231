import type { RunRow, SystemInfo } from '../../shared/api.ts';

/** A value of a run that can be filtered, sorted and shown. */
export type FieldValue = string | number | boolean | null | undefined;

type Getter = (row: RunRow) => FieldValue;

const OWN: Readonly<Record<string, Getter>> = {
  name: (row) => row.name,
  path: (row) => row.path,
  system: (row) => row.system,
  preset: (row) => row.preset,
  status: (row) => row.status,
  started: (row) => row.startedAt,
  changed: (row) => row.changedAt,
  took: (row) => row.tookInSeconds,
  step: (row) => row.step,
  device: (row) => row.device,
  objective: (row) => row.objective?.value,
  baseline: (row) => row.baseline?.value,
  study: (row) => row.study,
  sweep: (row) => row.sweep,
  note: (row) => row.note,
  starred: (row) => row.isStarred,
  away: (row) => row.isPutAway,
  foreign: (row) => row.isForeign,
  problems: (row) => row.problems.length,
};

/** Names of what every run has. */
export const OWN_FIELDS: readonly string[] = Object.keys(OWN);

/**
 * Value of a field by its name: what every run has (`status`), a metric (`validation/loss`, or `loss` of the split that
 * has it, the objective's first), or a field of the configuration (`training.epochs`): as it differs, else as the preset
 * has it, else its default.
 */
export function fieldOf(row: RunRow, name: string, systems: ReadonlyMap<string, SystemInfo>): FieldValue {
  const own = Object.hasOwn(OWN, name) ? OWN[name] : undefined;
  if (own !== undefined) return own(row);
  if (Object.hasOwn(row.metrics, name)) return row.metrics[name];
  if (Object.hasOwn(row.differs, name)) return plain(row.differs[name]);
  const field = systems.get(row.system)?.fields.find(({ path }) => path === name);
  if (field !== undefined) {
    const { presets } = field;
    const ofPreset = row.preset !== null && presets !== undefined ? presets[row.preset] : undefined;
    return plain(ofPreset ?? field.default);
  }
  const split = row.objective?.name.split('/')[0];
  for (const each of [split, 'validation', 'test', 'train'])
    if (each !== undefined && Object.hasOwn(row.metrics, `${each}/${name}`)) return row.metrics[`${each}/${name}`];
  return undefined;
}

/** A value of a configuration in one word: lists and records as JSON. */
function plain(value: unknown): FieldValue {
  if (value === null || value === undefined) return value;
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return JSON.stringify(value);
}

/** Names of all metrics of some runs, in order. */
export function metricsOf(rows: Iterable<RunRow>): string[] {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row.metrics)) names.add(name);
  return [...names].sort();
}

/** Fields of the configuration that differ in some runs, in order. */
export function differingFields(rows: Iterable<RunRow>): string[] {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row.differs)) names.add(name);
  return [...names].sort();
}

/** Orders two values: numbers by size, words by their numbers too (`run-2` before `run-10`), what is missing last. */
export function compareValues(a: FieldValue, b: FieldValue, isDescending: boolean): number {
  const [isMissingA, isMissingB] = [isMissing(a), isMissing(b)];
  if (isMissingA || isMissingB) return Number(isMissingA) - Number(isMissingB);
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
  return isDescending ? -order : order;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

function isMissing(value: FieldValue): boolean {
  return value === null || value === undefined || value === '' || Number.isNaN(value);
}
