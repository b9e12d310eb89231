import type { z } from 'zod';
import { parseJson } from '../reading/json.ts';
import { ConfigError, shown } from './errors.ts';
import { coerce, listFields, type Field } from './fields.ts';
import { suggestion } from './nearest.ts';

/** Any part of a record. Lists are replaced as a whole. */
export type DeepPartial<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [Key in keyof T]?: DeepPartial<T[Key]> }
    : T;

/** Named set of values to start from. */
export interface Preset<Schema extends z.ZodObject> {
  readonly description: string;
  readonly config: DeepPartial<z.output<Schema>>;
}

/** Values from outside. Each source overrides the ones before: preset, file, fast, set. */
export interface ConfigSources {
  readonly preset?: string | undefined;
  /** Name of a JSON file, for messages, and its text. */
  readonly file?: { readonly name: string; readonly text: string } | undefined;
  /** Applies the values of the small run over preset and file. */
  readonly fast?: boolean | undefined;
  /** `key.path=value`, or the text for one path with the flag that set it. */
  readonly set?: readonly (string | FlagValue)[] | undefined;
}

/** Text for one field, and the flag it came from. */
export interface FlagValue {
  readonly flag: string;
  readonly path: string;
  readonly text: string;
}

/** Configuration of a system: its fields with defaults and reasons, its presets, and how to resolve a record. */
export interface ConfigDefinition<Schema extends z.ZodObject = z.ZodObject, PresetName extends string = string> {
  readonly schema: Schema;
  readonly presets: Readonly<Record<PresetName, Preset<Schema>>>;
  readonly fields: readonly Field[];
  /**
   * Resolves the full record.
   * @throws ConfigError naming the key, its source, what was expected and what came
   */
  resolve(sources?: ConfigSources): z.output<Schema>;
}

/** Type of the full record: `type VaeConfig = ConfigOf<typeof config>`. */
export type ConfigOf<Definition extends { readonly schema: z.ZodObject }> = z.output<Definition['schema']>;

/**
 * Defines a configuration from a tree of `z.strictObject`s. Every leaf has `.default(value)` and `.describe('reason for
 * the default')`.
 * @throws Error where a leaf lacks either; ConfigError where a preset does not fit
 */
export function defineConfig<Schema extends z.ZodObject, PresetName extends string = never>(
  schema: Schema,
  options: {
    readonly presets?: Readonly<Record<PresetName, Preset<Schema>>>;
    readonly fast: DeepPartial<z.output<Schema>>;
  },
): ConfigDefinition<Schema, PresetName> {
  const fields = listFields(schema);
  const presets = options.presets ?? ({} as Readonly<Record<PresetName, Preset<Schema>>>);
  const resolve = (sources: ConfigSources = {}): z.output<Schema> => {
    const record = new RecordBuilder(fields);
    if (sources.preset !== undefined) {
      const names = Object.keys(presets);
      if (!names.includes(sources.preset)) {
        const known = names.length === 0 ? '; this system has no presets' : suggestion(sources.preset, names);
        throw new ConfigError(`--preset: unknown preset ${shown(sources.preset)}${known}`);
      }
      record.merge(presets[sources.preset as PresetName].config, `preset "${sources.preset}"`);
    }
    if (sources.file !== undefined) record.merge(parseFile(sources.file), sources.file.name);
    if (sources.fast === true) record.merge(options.fast, '--fast');
    for (const value of sources.set ?? []) record.set(typeof value === 'string' ? splitAssignment(value) : value);
    return record.finish(schema);
  };
  for (const name of [undefined, ...Object.keys(presets)]) {
    resolve({ preset: name });
    resolve({ preset: name, fast: true });
  }
  return { schema, presets, fields, resolve };
}

function parseFile({ name, text }: { readonly name: string; readonly text: string }): unknown {
  try {
    return parseJson(text, name, 'a configuration');
  } catch (error) {
    const { message, cause } = error as Error;
    // The parser names the place where it stopped.
    throw new ConfigError(cause instanceof SyntaxError ? `${name}: expected JSON, got ${cause.message}` : message);
  }
}

function splitAssignment(assignment: string): FlagValue {
  const equals = assignment.indexOf('=');
  if (equals < 1) throw new ConfigError(`--set: expected key.path=value, got ${shown(assignment)}`);
  return { flag: '--set', path: assignment.slice(0, equals).trim(), text: assignment.slice(equals + 1) };
}

class RecordBuilder {
  readonly #fields: ReadonlyMap<string, Field>;
  readonly #values: Map<string, unknown>;

  constructor(fields: readonly Field[]) {
    this.#fields = new Map(fields.map((field) => [field.path, field]));
    this.#values = new Map(fields.map((field) => [field.path, structuredClone(field.defaultValue)]));
  }

  merge(value: unknown, source: string, prefix = ''): void {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      const where = prefix === '' ? '' : ` for ${prefix}`;
      throw new ConfigError(`${source}: expected an object${where}, got ${shown(value)}`);
    }
    for (const [key, child] of Object.entries(value)) {
      const path = prefix === '' ? key : `${prefix}.${key}`;
      if (child === undefined) continue;
      if (this.#fields.has(path)) this.#put(path, child, child, source);
      else if (this.#isObject(path)) this.merge(child, source, path);
      else throw this.#unknownKey(path, source);
    }
  }

  set({ flag, path, text }: FlagValue): void {
    const field = this.#fields.get(path);
    if (field === undefined) {
      const inside = [...this.#fields.keys()].filter((known) => known.startsWith(`${path}.`));
      if (inside.length > 0)
        throw new ConfigError(`${flag}: ${shown(path)} holds several fields; expected one of ${inside.join(', ')}`);
      throw this.#unknownKey(path, flag);
    }
    const coerced = coerce(text, field.type);
    if (coerced === undefined) throw mismatch(field, flag, text);
    this.#put(path, coerced.value, text, flag);
  }

  /** Checks the record as a whole: refinements of the schema may relate fields. */
  finish<Schema extends z.ZodObject>(schema: Schema): z.output<Schema> {
    const root = Object.create(null) as Record<string, unknown>;
    for (const [path, value] of this.#values) {
      const keys = path.split('.');
      const last = keys.pop()!;
      let node = root;
      for (const key of keys) node = (node[key] ??= Object.create(null)) as Record<string, unknown>;
      node[last] = value;
    }
    const result = schema.safeParse(root);
    if (result.success) return result.data;
    const issue = result.error.issues[0]!;
    const where = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
    throw new ConfigError(`config: ${where}${issue.message}`);
  }

  #put(path: string, value: unknown, came: unknown, source: string): void {
    const field = this.#fields.get(path)!;
    const result = field.schema.safeParse(value);
    if (!result.success) throw mismatch(field, source, came, result.error.issues[0]);
    this.#values.set(path, value);
  }

  #isObject(path: string): boolean {
    return [...this.#fields.keys()].some((known) => known.startsWith(`${path}.`));
  }

  #unknownKey(path: string, source: string): ConfigError {
    const keys = [...this.#fields.keys()];
    const groups = keys.flatMap((key) => (key.includes('.') ? [key.slice(0, key.lastIndexOf('.'))] : []));
    return new ConfigError(
      `${source}: unknown key ${shown(path)}${suggestion(path, [...new Set([...keys, ...groups])])}`,
    );
  }
}

function mismatch(
  field: Field,
  source: string,
  came: unknown,
  issue?: { code?: string | undefined; message: string },
): ConfigError {
  const detail = issue?.code === 'custom' ? ` (${issue.message})` : '';
  return new ConfigError(`${source}: ${field.path} expected ${field.expected}${detail}, got ${shown(came)}`);
}
