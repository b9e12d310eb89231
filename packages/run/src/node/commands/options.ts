import { relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { defineConfig, type ConfigDefinition, type FlagValue } from '../../config/config.ts';
import { UserError, shown } from '../../config/errors.ts';
import { kebabCase, listFields, type Field } from '../../config/fields.ts';
import type { CheckpointName } from '../run/checkpoint-store.ts';
import { USUAL_FLAGS, type GivenOptions, type GivenValues, type OptionShape } from './given-options.ts';
import type { Runtime } from './runtime.ts';

const OVERFIT_PATH = 'training.overfitOneBatch';

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

/** Kind of a command, which decides its options: one training, many trainings, or use of a trained model. */
export type CommandKind = 'train' | 'study' | 'trained';

/**
 * Adds the options of `command`. Training takes a new configuration, a study brings its own, other commands read that
 * of a run.
 * @param needsData whether the command loads data
 */
export function addOptions(
  command: Command,
  config: ConfigDefinition,
  shape: OptionShape,
  runtime: Runtime,
  kind: CommandKind,
  needsData = true,
): void {
  const isTraining = kind !== 'trained';
  if (kind === 'train') {
    command
      .option('--preset <name>', 'named set of values to start from (see below)')
      .option('--config <file>', 'JSON file with values, applied over the preset');
  }
  if (isTraining) {
    command.option('--fast', 'small run of the same code, in under 30 s on two cores');
  } else {
    command.option('--run <dir>', 'run to use (default: the newest completed run of the system)');
  }
  command.option('--set <key.path=value>', 'set one field (repeatable; see below)', collect);
  for (const { flag, name, isForTraining } of USUAL_FLAGS) {
    const path = `training.${name}`;
    const field = config.fields.find((each) => each.path === path);
    if (field === undefined || (isForTraining && !isTraining) || (kind === 'study' && flag === '--seed')) continue;
    command.option(`${flag} <${field.type.type === 'number' ? 'x' : 'n'}>`, `short for --set ${path}=…`);
  }
  if (kind === 'train' && config.fields.some(({ path }) => path === OVERFIT_PATH))
    command.option('--overfit-one-batch', 'train on the first batch alone, whose loss should fall to almost zero');
  addOwnOptions(command, shape);
  command.option(
    '--out <dir>',
    {
      train: 'folder of the run (default: runs/<system>/<time>)',
      study: 'folder of the studies (default: runs/<system>/study)',
      trained: 'folder for results (default: that of the run)',
    }[kind],
  );
  if (kind === 'train') {
    command
      .option('--resume [dir]', 'resume a run from its newest checkpoint (default: the newest run)')
      .option('--checkpoint <name>', 'with --resume, another checkpoint: a step or best');
  }
  if (kind === 'trained')
    command.option('--checkpoint <name>', 'checkpoint to use: last, best or a step (default: best)');
  runtime.addOptions(command, isTraining);
  if (needsData)
    command.option(
      '--data <path>',
      isTraining
        ? 'your own data, in the format of the published data set; a resumed run keeps its data, which may have moved here'
        : 'other data than those of the training, such as a held-out file (default: those of the training)',
    );
  if (isTraining)
    command.option('--log <names>', 'loggers besides the run folder: tensorboard, mlflow, wandb, separated by commas');
  command.option('--json', 'print only the summary on standard output');
}

/** Adds the options that a command defines. */
export function addOwnOptions(command: Command, shape: OptionShape): void {
  for (const field of listFields(z.strictObject(shape)))
    // A boolean flag takes no value.
    command.option(field.type.type === 'boolean' ? flagOf(field) : `${flagOf(field)} <value>`, explain(field));
}

function flagOf({ path }: Field): string {
  return `--${kebabCase(path)}`;
}

function explain({ expected, defaultValue, reason }: Field): string {
  return `${expected}; default ${shown(defaultValue)}: ${reason}`;
}

/** Help below the options: presets, and the fields of the configuration with their reasons. */
export function describeConfig(config: ConfigDefinition): string {
  const presets = Object.entries(config.presets).map(([name, { description }]) => `  ${name}: ${description}`);
  const fields = config.fields.map((field) => `  ${field.path}\n      ${explain(field)}`);
  return ['', ...(presets.length === 0 ? [] : ['Presets:', ...presets, '']), 'Configuration:', ...fields].join('\n');
}

/** Settings from `--set` and its short forms. */
export function settingsOf(given: GivenOptions): (string | FlagValue)[] {
  const usual = USUAL_FLAGS.flatMap(({ flag, name }) => {
    const text = given[name];
    return text === undefined ? [] : [{ flag, path: `training.${name}`, text }];
  });
  const overfit = given.overfitOneBatch === true ? [`${OVERFIT_PATH}=true`] : [];
  return [...(given.set ?? []), ...usual, ...overfit];
}

/**
 * Values of the options that a command defines.
 * @throws ConfigError naming the flag, what was expected and what came
 */
export function ownOptionsOf(values: GivenValues, shape: OptionShape): Record<string, unknown> {
  const definition = defineConfig(z.strictObject(shape), { fast: {} });
  return definition.resolve({
    set: definition.fields.flatMap((field) => {
      const text = values(field.path);
      return text === undefined ? [] : [{ flag: flagOf(field), path: field.path, text: String(text) }];
    }),
  });
}

/** @throws UserError where `--checkpoint` is neither a name nor a step */
export function checkpointOf({ checkpoint }: GivenOptions): CheckpointName | undefined {
  if (checkpoint === undefined || checkpoint === 'last' || checkpoint === 'best') return checkpoint;
  if (/^\d{1,15}$/.test(checkpoint)) return Number(checkpoint);
  throw new UserError(`--checkpoint: expected last, best or a step, got ${shown(checkpoint)}`);
}

/**
 * Resolves a path as the user meant it. pnpm runs a script in the package's folder, and tells where the user was. The
 * script is named like the command, or takes it as its first argument (`pnpm by-hand train`).
 * @throws UserError for an empty path, which would be the user's folder itself
 */
export function userPath(path: string, command: string): string {
  if (path === '') throw new UserError(`${command}: expected the path of a file or folder, got ""`);
  const { INIT_CWD: folder, npm_lifecycle_event: script, npm_lifecycle_script: line = '' } = process.env;
  const isOurs = script === command || (script !== undefined && line.includes('cli.ts'));
  return folder !== undefined && isOurs ? resolve(folder, path) : resolve(path);
}

/** Checks options that take a path. @throws UserError where one is empty, as with `--out "$UNSET"` */
export function requirePaths(given: GivenOptions): void {
  for (const name of ['config', 'data', 'out', 'resume', 'run'] as const)
    if (given[name] === '') throw new UserError(`--${name}: expected the path of a file or folder, got ""`);
}

/** @throws UserError where the text is not an integer of at least `minimum` */
export function parseCount(flag: string, text: string, minimum: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= minimum) return value;
  throw new UserError(`${flag}: expected an integer of at least ${minimum}, got ${shown(text)}`);
}

/** Path for display: relative to the user's folder where it lies below. */
export function shownPath(path: string, command: string): string {
  const fromHere = relative(userPath('.', command), resolve(path));
  return fromHere === '' || fromHere.startsWith('..') ? path : fromHere;
}
