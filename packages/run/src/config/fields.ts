import { z } from 'zod';

/** Part of a leaf's JSON schema that messages, help and coercion use. */
interface LeafType {
  readonly type?: 'number' | 'integer' | 'boolean' | 'string' | 'array' | 'null' | 'object';
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly LeafType[];
  readonly items?: LeafType;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

/** One field of a configuration, as used by `--set`, help and messages. */
export interface Field {
  /** Dotted path from the root of the record. */
  readonly path: string;
  readonly schema: z.ZodType;
  readonly defaultValue: unknown;
  readonly reason: string;
  /** Expected value in words: `an integer of at least 1`. */
  readonly expected: string;
  readonly type: LeafType;
}

/**
 * Lists the leaves of a schema, depth first.
 * @throws Error where a leaf lacks `.default()` or `.describe()`, or an object is not strict.
 */
export function listFields(schema: z.ZodObject, prefix = ''): Field[] {
  if (!(schema.def.catchall instanceof z.ZodNever)) {
    throw new Error(
      `config ${prefix === '' ? 'root' : `"${prefix}"`}: expected z.strictObject, got an object that takes unknown keys`,
    );
  }
  return Object.entries(schema.shape).flatMap(([key, child]) => {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    return child instanceof z.ZodObject ? listFields(child, path) : [leafField(path, child as z.ZodType)];
  });
}

function leafField(path: string, schema: z.ZodType): Field {
  if (!(schema instanceof z.ZodDefault)) throw new Error(`config field "${path}": expected .default(value), got none`);
  const reason = schema.description ?? (schema.def.innerType as z.ZodType).description;
  if (reason === undefined || reason.trim() === '') {
    throw new Error(`config field "${path}": expected .describe('why this default'), got none`);
  }
  const type = separated(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as LeafType);
  return { path, schema, defaultValue: schema.def.defaultValue, reason, expected: inWords(type), type };
}

/** Splits a type with two names (a string or null) into alternatives. Null comes first, as any text is a string. */
function separated(type: LeafType): LeafType {
  if (!Array.isArray(type.type)) return type;
  const names = type.type as NonNullable<LeafType['type']>[];
  const anyOf = names.toSorted((a, b) => Number(b === 'null') - Number(a === 'null')).map((name) => ({ type: name }));
  return { anyOf };
}

function inWords(type: LeafType): string {
  if (type.enum !== undefined) return `one of ${type.enum.map(String).join(', ')}`;
  if (type.const !== undefined) return JSON.stringify(type.const);
  if (type.anyOf !== undefined) return type.anyOf.map(inWords).join(' or ');
  switch (type.type) {
    case 'number':
      return `a number${limits(type)}`;
    case 'integer':
      return `an integer${limits(type)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return 'a string';
    case 'array':
      return type.items === undefined ? 'a list' : `a list, each ${inWords(type.items)}`;
    case 'null':
      return 'null';
    default:
      return 'a JSON value';
  }
}

function limits(type: LeafType): string {
  const parts: string[] = [];
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = type;
  // zod adds the safe-integer range to every integer; readers need not see it.
  if (minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER) parts.push(`of at least ${minimum}`);
  if (exclusiveMinimum !== undefined) parts.push(`above ${exclusiveMinimum}`);
  if (maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER) parts.push(`of at most ${maximum}`);
  if (exclusiveMaximum !== undefined) parts.push(`below ${exclusiveMaximum}`);
  return parts.length === 0 ? '' : ` ${parts.join(' and ')}`;
}

/** Converts text from `--set` to a value of this type. Undefined where the text does not fit. */
export function coerce(given: string, type: LeafType): { readonly value: unknown } | undefined {
  const text = given.trim();
  const choices = type.enum ?? (type.const === undefined ? undefined : [type.const]);
  if (choices !== undefined) {
    const choice = choices.find((each) => String(each) === text);
    return choice === undefined ? undefined : { value: choice };
  }
  if (type.anyOf !== undefined) {
    for (const option of type.anyOf) {
      const coerced = coerce(text, option);
      if (coerced !== undefined) return coerced;
    }
    return undefined;
  }
  switch (type.type) {
    case 'number':
    case 'integer':
      return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? { value: Number(text) } : undefined;
    case 'boolean':
      return text === 'true' || text === 'false' ? { value: text === 'true' } : undefined;
    case 'null':
      return text === 'null' ? { value: null } : undefined;
    case 'string':
      return { value: given };
    case 'array':
      return coerceList(text, type.items ?? {});
    default:
      return fromJson(text);
  }
}

function coerceList(text: string, items: LeafType): { readonly value: unknown } | undefined {
  if (text.startsWith('[')) return fromJson(text);
  if (text === '') return { value: [] };
  const coerced = text.split(',').map((part) => coerce(part.trim(), items));
  return coerced.every((each) => each !== undefined) ? { value: coerced.map((each) => each.value) } : undefined;
}

function fromJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

/** Converts `training.learningRate` to `training-learning-rate`, for flags and file names. */
export function kebabCase(path: string): string {
  return path.replaceAll('.', '-').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
