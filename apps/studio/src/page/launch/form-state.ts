import type { ConfigField, LaunchRequest, RunDetail, SystemInfo } from '../../shared/api.ts';
import type { Address } from '../state/address.ts';

/** Prefix of fields in the address: `set.training.epochs=4`. */
const PREFIX = 'set.';

export const COMMANDS = ['train', 'sweep', 'study'] as const;
type Command = (typeof COMMANDS)[number];

/** Whole numbers that a command takes beside its settings, by their key in address and request. */
export const COUNTS: Readonly<Record<Command, readonly Count[]>> = {
  train: [],
  sweep: [
    { key: 'runs', label: 'Runs to draw', min: 1, usual: '10' },
    { key: 'parallel', label: 'Runs at a time', min: 1, usual: '1' },
  ],
  study: [
    { key: 'seeds', label: 'Seeds', min: 1, usual: 'those of the study' },
    { key: 'limit', label: 'Most runs for now', min: 0, usual: 'all' },
  ],
};

interface Count {
  readonly key: 'runs' | 'parallel' | 'seeds' | 'limit';
  readonly label: string;
  readonly min: number;
  /** Shown where none is entered. */
  readonly usual: string;
}

/** Entered value, or the line that says what is wrong with it. */
export type Entry =
  { readonly value: unknown; readonly error?: undefined } | { readonly value?: undefined; readonly error: string };

/** Value that a field has without an entry: the preset's, else the default. */
export function usualValue(field: ConfigField, preset: string): unknown {
  const { presets } = field;
  return presets !== undefined && Object.hasOwn(presets, preset) ? presets[preset] : field.default;
}

/** A value as the text of its field. */
export function textOfValue(value: unknown): string {
  return typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value);
}

/** More about a field's limits, where the server says it. */
interface FieldLimits {
  readonly isMinExcluded?: boolean;
  readonly isMaxExcluded?: boolean;
  readonly isNullable?: boolean;
}

/** Reads the text of a field, and checks its limits as one types. The server checks again, with the system's schema. */
export function parseEntry(field: ConfigField, text: string): Entry {
  const { type, min, max, choices } = field;
  const limits = field as FieldLimits;
  const trimmed = text.trim();
  if (type === 'boolean')
    return trimmed === 'true' || trimmed === 'false'
      ? { value: trimmed === 'true' }
      : { error: 'expected true or false' };
  if (type === 'choice')
    return choices === undefined || choices.includes(text)
      ? { value: text }
      : { error: `expected ${choices.join(', ')}` };
  if (type === 'string') return { value: text };
  if (type === 'number' || type === 'integer') {
    if (trimmed === 'null' && (field.default === null || limits.isNullable === true)) return { value: null };
    const value = trimmed === '' ? NaN : Number(trimmed);
    if (!Number.isFinite(value)) return { error: 'expected a number' };
    if (type === 'integer' && !Number.isSafeInteger(value)) return { error: 'expected a whole number' };
    if (min !== undefined && value < min) return { error: `expected at least ${min}` };
    if (max !== undefined && value > max) return { error: `expected at most ${max}` };
    if (limits.isMinExcluded === true && value === min) return { error: `expected more than ${min}` };
    if (limits.isMaxExcluded === true && value === max) return { error: `expected less than ${max}` };
    return { value };
  }
  return parseJson(type, trimmed);
}

function parseJson(type: ConfigField['type'], text: string): Entry {
  try {
    const value: unknown = JSON.parse(text);
    if (type === 'list' && !Array.isArray(value)) return { error: 'expected a list such as [512, 256]' };
    return { value };
  } catch {
    return { error: type === 'list' ? 'expected a list such as [512, 256]' : 'expected a value in JSON' };
  }
}

/** How a sweep searches over a field: `a,b,c` tries each, `low..high` and `log:low..high` draw. */
export function searchOf(text: string): 'grid' | 'random' | undefined {
  const trimmed = text.trim();
  if (/^(?:log:)?[^,\s]+\.\.[^,\s]+$/.test(trimmed)) return 'random';
  return trimmed.includes(',') && !trimmed.startsWith('[') ? 'grid' : undefined;
}

export interface Form {
  readonly system: string;
  readonly command: Command;
  readonly preset: string;
  readonly study: string;
  /** Whether the run is a small one, with `--fast`. */
  readonly isFast: boolean;
  /** Counts of the command as entered, by key. */
  readonly counts: Readonly<Partial<Record<Count['key'], string>>>;
  /** Texts of the fields that were changed, by path. */
  readonly texts: Readonly<Record<string, string>>;
}

/** The form as the address holds it. */
export function readForm({ query }: Address): Form {
  const texts: Record<string, string> = {};
  for (const [key, text] of Object.entries(query)) if (key.startsWith(PREFIX)) texts[key.slice(PREFIX.length)] = text;
  const command = COMMANDS.find((each) => each === query.command) ?? 'train';
  return {
    system: query.system ?? '',
    command,
    preset: query.preset ?? '',
    study: query.study ?? '',
    isFast: query.fast === '1',
    counts: Object.fromEntries(COUNTS[command].map(({ key }) => [key, query[key] ?? ''])),
    texts,
  };
}

/** Key of a field in the address. */
export function keyOf(path: string): string {
  return `${PREFIX}${path}`;
}

/** Form of a new launch with the configuration of a run. */
export function forkQuery({ row }: RunDetail): Record<string, string> {
  const query: Record<string, string> = { system: row.system };
  if (row.preset !== null) query.preset = row.preset;
  for (const [path, value] of Object.entries(row.differs)) query[keyOf(path)] = textOfValue(value);
  return query;
}

export interface Checked {
  readonly request: LaunchRequest;
  /** Errors by path. */
  readonly errors: Readonly<Record<string, string>>;
}

/** Request of a form, of what differs alone, and what is wrong with its fields. */
export function checkForm(form: Form, system: SystemInfo): Checked {
  const errors: Record<string, string> = {};
  const settings: Record<string, unknown> = {};
  const search = { grid: {} as Record<string, string>, random: {} as Record<string, string> };
  for (const [path, text] of Object.entries(form.texts)) {
    const field = system.fields.find((each) => each.path === path);
    if (field === undefined) {
      errors[path] = `${system.name} has no field ${path}`;
      continue;
    }
    const kind = form.command === 'sweep' ? searchOf(text) : undefined;
    if (kind !== undefined) {
      search[kind][path] = text.trim();
      continue;
    }
    const entry = parseEntry(field, text);
    if (entry.error !== undefined) errors[path] = entry.error;
    else settings[path] = entry.value;
  }
  const counts: Partial<Record<Count['key'], number>> = {};
  for (const { key, min } of COUNTS[form.command]) {
    const text = form.counts[key]?.trim() ?? '';
    const value = Number(text);
    if (text === '') continue;
    if (Number.isSafeInteger(value) && value >= min) counts[key] = value;
    else errors[key] = `expected a whole number of at least ${min}`;
  }
  const { runs, parallel, ...ofStudy } = counts;
  const drawn = { ...search, ...(runs !== undefined && { runs }), ...(parallel !== undefined && { parallel }) };
  return {
    errors,
    request: {
      system: system.name,
      command: form.command,
      settings,
      ...(form.preset === '' ? {} : { preset: form.preset }),
      ...(form.isFast ? { isFast: true } : {}),
      ...(form.command === 'sweep' ? { search: drawn } : {}),
      ...(form.command === 'study' && form.study !== '' ? { study: form.study } : {}),
      ...ofStudy,
    },
  };
}
