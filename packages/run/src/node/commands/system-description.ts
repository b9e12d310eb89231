import { z } from 'zod';
import type { ConfigDefinition } from '../../config/config.ts';
import type { Field } from '../../config/fields.ts';
import { listOf, recordOf } from '../../reading/schemas.ts';
import type { AnyProgram } from './program.ts';

const fieldSchema = z.object({
  path: z.string(),
  type: z.enum(['number', 'integer', 'boolean', 'string', 'choice', 'list', 'other']),
  isNullable: z.boolean(),
  /** Reason of the default. */
  description: z.string(),
  /** Expected value in words. */
  expected: z.string(),
  default: z.unknown(),
  min: z.number().optional(),
  max: z.number().optional(),
  /** Whether the limits themselves are excluded. */
  isMinExcluded: z.boolean().optional(),
  isMaxExcluded: z.boolean().optional(),
  choices: listOf(z.string()).optional(),
  /** Values of the presets that change it. */
  presets: recordOf(z.unknown()).optional(),
});

/** Schema of a system's description, as its command `describe` prints it. */
export const systemDescriptionSchema = z.object({
  name: z.string(),
  description: z.string(),
  presets: recordOf(z.string()),
  fields: listOf(fieldSchema),
  commands: listOf(z.string()),
  /** Descriptions by name. */
  studies: recordOf(z.string()),
});

/** A system's command line as data: for programs that start it. */
export type SystemDescription = Readonly<z.output<typeof systemDescriptionSchema>>;
export type DescribedField = Readonly<z.output<typeof fieldSchema>>;

/** Describes a system: presets, fields of the configuration, commands, studies. */
export function describeSystem(program: AnyProgram): SystemDescription {
  const { system, description, config, studies = {} } = program;
  const others = [program.commands, program.modelCommands, program.plainCommands].flatMap((own) =>
    Object.keys(own ?? {}),
  );
  const hasStudies = Object.keys(studies).length > 0;
  return {
    name: system,
    description,
    presets: descriptionsOf(config.presets),
    fields: config.fields.map((field) => describeField(field, config)),
    commands: ['train', 'sweep', ...(hasStudies ? ['study'] : []), ...others, 'figures'],
    studies: descriptionsOf(studies),
  };
}

function descriptionsOf(named: Readonly<Record<string, { readonly description: string }>>): Record<string, string> {
  return Object.fromEntries(Object.entries(named).map(([name, { description }]) => [name, description]));
}

function describeField(
  { path, type, reason, expected, defaultValue }: Field,
  config: ConfigDefinition,
): DescribedField {
  const isNull = (each: Field['type']): boolean => each.type === 'null' || each.const === null;
  const options = type.anyOf ?? [type];
  const others = options.filter((each) => !isNull(each));
  // Several alternatives besides null are entered as text.
  const only = others.length === 1 ? others[0]! : {};
  const choices = only.enum ?? (only.const === undefined ? undefined : [only.const]);
  const [low, high] = [only.exclusiveMinimum, only.exclusiveMaximum];
  const min = limit(low ?? only.minimum);
  const max = limit(high ?? only.maximum);
  const presets = presetValues(path, config);
  return {
    path,
    type: choices === undefined ? (TYPES[only.type ?? 'object'] ?? 'other') : 'choice',
    isNullable: options.some(isNull) || (choices?.includes(null) ?? false),
    description: reason,
    expected,
    default: defaultValue,
    ...(min !== undefined && { min, ...(low !== undefined && { isMinExcluded: true }) }),
    ...(max !== undefined && { max, ...(high !== undefined && { isMaxExcluded: true }) }),
    ...(choices !== undefined && { choices: choices.map(String) }),
    ...(Object.keys(presets).length > 0 && { presets }),
  };
}

const TYPES: Readonly<Record<string, DescribedField['type']>> = {
  number: 'number',
  integer: 'integer',
  boolean: 'boolean',
  string: 'string',
  array: 'list',
};

/** A limit that readers need: zod adds the safe-integer range to every integer. */
function limit(value: number | undefined): number | undefined {
  return value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? undefined : value;
}

function presetValues(path: string, { presets }: ConfigDefinition): Record<string, unknown> {
  const keys = path.split('.');
  return Object.fromEntries(
    Object.entries(presets).flatMap(([name, { config }]) => {
      let node: unknown = config;
      for (const key of keys) node = (node as Readonly<Record<string, unknown>> | null | undefined)?.[key];
      return node === undefined ? [] : [[name, node]];
    }),
  );
}
