import type { DescribedField, SystemDescription } from '@motley/run/folders';
import { z } from 'zod';
import type { LaunchRequest } from '../../shared/api.ts';
import { Refused } from '../http/refusal.ts';
import type { SystemProgram } from '../systems/programs.ts';

const MAX_TEXT = 10_000;
/** Text without characters that end an argument or a line. */
const line = z
  .string()
  .max(MAX_TEXT)
  .refine((text) => !/[\0\n\r]/.test(text), 'expected one line');
const texts = z.record(line, line);

const requestSchema = z.strictObject({
  system: line,
  command: z.enum(['train', 'sweep', 'study', 'evaluate', 'figures']),
  preset: line.optional(),
  settings: z.record(line, z.json()).default({}),
  run: line.optional(),
  isResumed: z.boolean().optional(),
  study: line.optional(),
  search: z
    .strictObject({
      grid: texts.optional(),
      random: texts.optional(),
      runs: z.int().min(1).max(10_000).optional(),
      parallel: z.int().min(1).max(64).optional(),
      metric: z
        .string()
        .regex(/^\w+\.\w+$/)
        .optional(),
      isMaximized: z.boolean().optional(),
    })
    .optional(),
  seeds: z.int().min(1).max(1000).optional(),
  limit: z.int().min(0).max(10_000).optional(),
  isFast: z.boolean().optional(),
  checkpoint: z
    .string()
    .regex(/^(best|last|\d{1,15})$/)
    .optional(),
  isDry: z.boolean().optional(),
});

export type ParsedRequest = z.output<typeof requestSchema>;

/** @throws Refused where the body is no launch */
export function parseLaunch(body: unknown): ParsedRequest {
  const result = requestSchema.safeParse(body);
  if (result.success) return result.data satisfies LaunchRequest | ParsedRequest;
  const { path, message } = result.error.issues[0]!;
  throw new Refused(400, `launch: ${path.length === 0 ? '' : `${path.join('.')}: `}${message}`);
}

/** Places of a launch. */
export interface LaunchPlaces {
  /** Folder of the runs of this system. */
  readonly folder: string;
  /** Real path of the run that the request names. */
  readonly runPath: string | undefined;
  /** Time as a name. */
  readonly time: string;
}

/** Arguments of a system's command line, checked against its description. */
export interface LaunchArguments {
  readonly argv: readonly string[];
  /** Arguments that the system's own schema checks. */
  readonly settings: readonly string[];
  /** Folder that the run will have. Undefined for sweeps and studies, which have many. */
  readonly out: string | undefined;
}

/**
 * Arguments of a launch.
 * @throws Refused naming what was expected and what came
 */
export function launchArguments(
  request: ParsedRequest,
  description: SystemDescription,
  { folder, runPath, time }: LaunchPlaces,
): LaunchArguments {
  const { command, preset, study, search, seeds, limit, checkpoint } = request;
  const isOfRun = command === 'evaluate' || command === 'figures' || request.isResumed === true;
  if (!description.commands.includes(command))
    throw new Refused(400, `command: expected one of ${description.commands.join(', ')}, got ${command}`);
  if (preset !== undefined && !Object.hasOwn(description.presets, preset))
    throw new Refused(
      400,
      `preset: expected one of ${Object.keys(description.presets).join(', ')}, got ${JSON.stringify(preset)}`,
    );
  if (isOfRun !== (runPath !== undefined))
    throw new Refused(
      400,
      isOfRun ? `run: expected the run to ${command}, got none` : `run: expected none with ${command}`,
    );
  if (isOfRun && (preset !== undefined || request.isFast === true))
    throw new Refused(400, 'preset: expected none, as the run has its configuration');
  if (request.isResumed === true && command !== 'train') throw new Refused(400, 'isResumed: expected with train alone');
  if (checkpoint !== undefined && !isOfRun) throw new Refused(400, 'checkpoint: expected with a run alone');
  const set = Object.entries(request.settings).flatMap(([path, value]) => ['--set', setting(description, path, value)]);
  const settings = [
    ...(preset === undefined ? [] : ['--preset', preset]),
    ...(request.isFast === true ? ['--fast'] : []),
    ...set,
  ];
  const ofCheckpoint = checkpoint === undefined ? [] : ['--checkpoint', checkpoint];
  if (isOfRun) {
    const place = command === 'train' ? '--resume' : '--run';
    return { argv: [command, place, runPath!, ...ofCheckpoint, ...set], settings: [], out: runPath };
  }
  if (command === 'study') {
    if (study !== undefined && !Object.hasOwn(description.studies, study.split('/')[0]!))
      throw new Refused(
        400,
        `study: expected one of ${Object.keys(description.studies).join(', ')}, got ${JSON.stringify(study)}`,
      );
    const counts = [
      ...(seeds === undefined ? [] : ['--seeds', String(seeds)]),
      ...(limit === undefined ? [] : ['--limit', String(limit)]),
    ];
    const names = study === undefined ? [] : [study];
    return { argv: ['study', ...names, ...settings, ...counts, '--out', `${folder}/study`], settings, out: undefined };
  }
  if (command === 'sweep') {
    const searched = searchArguments(description, search);
    return { argv: ['sweep', ...settings, ...searched, '--out', `${folder}/sweeps/${time}`], settings, out: undefined };
  }
  const out = `${folder}/${time}`;
  return { argv: ['train', ...settings, '--out', out], settings, out };
}

function searchArguments(description: SystemDescription, search: ParsedRequest['search']): string[] {
  const { grid = {}, random = {}, runs, parallel, metric, isMaximized } = search ?? {};
  if (Object.keys(grid).length + Object.keys(random).length === 0)
    throw new Refused(400, 'search: expected fields to search over, got none');
  const each = (flag: string, values: Readonly<Record<string, string>>): string[] =>
    Object.entries(values).flatMap(([path, text]) => {
      fieldAt(description, path);
      return [flag, `${path}=${text}`];
    });
  return [
    ...each('--grid', grid),
    ...each('--random', random),
    ...(runs === undefined ? [] : ['--runs', String(runs)]),
    ...(parallel === undefined ? [] : ['--parallel', String(parallel)]),
    ...(metric === undefined ? [] : ['--metric', metric]),
    ...(isMaximized === true ? ['--maximize'] : []),
  ];
}

function fieldAt({ fields, name }: SystemDescription, path: string): DescribedField {
  const field = fields.find((each) => each.path === path);
  if (field === undefined) throw new Refused(400, `${path.slice(0, 100)}: expected a field of ${name}`);
  return field;
}

/** One setting as `--set` takes it, checked as far as the description goes. */
function setting(description: SystemDescription, path: string, value: unknown): string {
  const field = fieldAt(description, path);
  if (!fits(field, value))
    throw new Refused(400, `${path}: expected ${field.expected}, got ${JSON.stringify(value).slice(0, 100)}`);
  return `${path}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
}

function fits(
  { type, isNullable, min, max, isMinExcluded, isMaxExcluded, choices }: DescribedField,
  value: unknown,
): boolean {
  if (value === null) return isNullable || type === 'other';
  switch (type) {
    case 'integer':
    case 'number': {
      if (typeof value !== 'number' || !Number.isFinite(value)) return false;
      if (type === 'integer' && !Number.isSafeInteger(value)) return false;
      const isAbove = min === undefined || (isMinExcluded === true ? value > min : value >= min);
      return isAbove && (max === undefined || (isMaxExcluded === true ? value < max : value <= max));
    }
    case 'boolean':
      return typeof value === 'boolean';
    case 'string':
      return typeof value === 'string';
    case 'choice':
      return choices?.includes(typeof value === 'string' ? value : JSON.stringify(value)) ?? false;
    case 'list':
      return Array.isArray(value);
    case 'other':
      return true;
  }
}

/** Command as a person would type it. */
export function shownCommand({ shown }: SystemProgram, argv: readonly string[]): string {
  return [shown, ...argv.map(quoted)].join(' ');
}

function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}
