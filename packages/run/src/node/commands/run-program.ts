import { Command, CommanderError } from 'commander';
import { UserError, printable } from '../../config/errors.ts';
import { describeSystemError, isSystemError } from '../files.ts';
import { programName } from '../program-name.ts';
import type { RunStatus } from '../run/summary.ts';
import { addStudyOptions, type StudyOptions } from '../study/options.ts';
import type { AnyStudy } from '../study/study.ts';
import { addSweepOptions, type SweepOptions } from '../sweep/options.ts';
import { drawFigures, executeTrained, executeTraining, type DrawingContext, type Execution } from './execute.ts';
import type { GivenOptions, GivenValues, OptionShape } from './given-options.ts';
import {
  addOptions,
  addOwnOptions,
  describeConfig,
  ownOptionsOf,
  requirePaths,
  userPath,
  type CommandKind,
} from './options.ts';
import { commandOutput, watchOutput } from './output.ts';
import type { AnyCommand, AnyPlainCommand, AnyProgram, PlainContext } from './program.ts';
import type { Runtime } from './runtime.ts';
import { describeSystem } from './system-description.ts';

const INTERRUPTED = 130;

/**
 * Runs the command line of a system.
 * @param argv arguments after the program name
 * @returns exit status: 0 done; 1 the run failed; 2 invalid arguments or data; 130 interrupted
 */
export async function runProgram(program: AnyProgram, runtime: Runtime, argv: readonly string[]): Promise<number> {
  const output = watchOutput();
  const interruption = listenForSignals();
  try {
    let status: RunStatus | undefined;
    const commander = buildCommander(program, runtime, argv, interruption.signal, (result) => {
      status = result.status;
    });
    await commander.parseAsync(argv, { from: 'user' }).catch(unlessDone);
    await output.finish();
    return status === 'stopped' ? INTERRUPTED : 0;
  } catch (error) {
    return report(error);
  } finally {
    interruption.stop();
  }
}

function buildCommander(
  program: AnyProgram,
  runtime: Runtime,
  argv: readonly string[],
  signal: AbortSignal,
  done: (result: { readonly status: RunStatus }) => void,
): Command {
  const { system, description, config, train } = program;
  const root = new Command(programName(system))
    .description(description)
    .exitOverride()
    .configureOutput({
      // Commander puts its suggestion on a second line.
      outputError: (text, write) => {
        write(`${onOneLine(text.trim().replace(/^error: /, ''))}\n`);
      },
    });
  const describe = (command: Command, kind: CommandKind, options: OptionShape = {}, needsData = true): void => {
    addOptions(command, config, options, runtime, kind, needsData);
    command.addHelpText('after', describeConfig(config));
  };
  root.hook('preAction', (_, command) => {
    requirePaths(command.opts<GivenOptions>());
  });
  const execution = (command: Command): Execution => ({
    program,
    command: command.name(),
    given: command.opts<GivenOptions>(),
    own: valuesOf(command),
    arguments: command.args,
    argv,
    signal,
    runtime,
  });
  const training = root.command('train').description(train.description ?? TRAIN_DESCRIPTION);
  describe(training, 'train', train.options);
  training.action(async () => {
    done(await executeTraining(execution(training)));
  });
  const sweep = root.command('sweep').description('search over fields of the configuration with many trainings');
  describe(sweep, 'train', train.options);
  addSweepOptions(sweep);
  const { options: trainShape = {} } = train;
  sweep.action(async (given: GivenOptions & SweepOptions) => {
    const { executeSweep } = await import('../sweep/execute-sweep.ts');
    done(await executeSweep({ system, config, given, own: valuesOf(sweep), trainShape, signal }));
  });
  const { studies = {} } = program;
  if (Object.keys(studies).length > 0) {
    const study = root
      .command('study')
      .description('train the missing runs of a comparison, and write its tables and figures')
      .argument(
        '[names...]',
        `studies, or a study's variants as study/variant (default: all): ${describeStudies(studies)}`,
      );
    describe(study, 'study', train.options);
    addStudyOptions(study);
    study.action(async (names: string[], given: GivenOptions & StudyOptions) => {
      const { executeStudies } = await import('../study/execute-study.ts');
      done(await executeStudies({ system, config, studies, names, given, own: valuesOf(study), trainShape, signal }));
    });
  }
  const add = (name: string, definition: AnyCommand, needsData: boolean): void => {
    const { description: text = DESCRIPTIONS[name] ?? name, files, texts, options } = definition;
    const command = root.command(name).description(text);
    if (files !== undefined) command.argument('[files...]', files);
    if (texts !== undefined) command.argument('[texts...]', texts);
    describe(command, 'trained', options, needsData);
    command.action(async () => {
      done(await executeTrained(execution(command), definition, needsData));
    });
  };
  for (const [name, own] of Object.entries(program.commands ?? {}))
    add(name, typeof own === 'function' ? { run: own } : own, true);
  for (const [name, own] of Object.entries(program.modelCommands ?? {})) add(name, own, false);
  for (const [name, own] of Object.entries(program.plainCommands ?? {})) addPlain(root, name, own, signal);
  addDescribe(root, program);
  add('figures', { run: (context) => drawFigures(program, context as DrawingContext) }, true);
  return root;
}

/** Adds the command that prints the system as data, for programs that start it. Help does not list it. */
function addDescribe(root: Command, program: AnyProgram): void {
  const { config } = program;
  const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];
  root
    .command('describe', { hidden: true })
    .description('print presets, fields of the configuration, commands and studies in JSON')
    .option('--preset <name>', 'also check a preset')
    .option('--fast', 'also check the small run')
    .option('--set <key.path=value>', 'also check a field (repeatable)', collect)
    .action(({ preset, fast, set }: Pick<GivenOptions, 'preset' | 'fast' | 'set'>) => {
      const resolved = config.resolve({ preset, fast, set });
      commandOutput(true).writeJson({ ...describeSystem(program), resolved });
    });
}

function addPlain(root: Command, name: string, definition: AnyPlainCommand, signal: AbortSignal): void {
  const { description, files, texts, options = {} } = definition;
  const command = root.command(name).description(description);
  if (files !== undefined) command.argument('[files...]', files);
  if (texts !== undefined) command.argument('[texts...]', texts);
  addOwnOptions(command, options);
  const { print, write } = commandOutput(false);
  command.action(async () => {
    const context: PlainContext = {
      options: ownOptionsOf(valuesOf(command), options),
      files: files === undefined ? [] : command.args.map((file) => userPath(file, name)),
      texts: texts === undefined ? [] : command.args,
      signal,
      print,
      write,
    };
    await definition.run(context);
  });
}

const TRAIN_DESCRIPTION =
  'train, then evaluate the best checkpoint (by validation) on held-out data and draw its figures';
/** Descriptions of the other commands that every system has. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  evaluate: 'evaluate a run on held-out data, with baselines',
  figures: 'draw the figures and the learning curve of a run',
};

/** Values of the options that a command defines. */
function valuesOf(command: Command): GivenValues {
  return (name) => command.getOptionValue(name) as string | true | undefined;
}

function describeStudies(studies: Readonly<Record<string, AnyStudy>>): string {
  return Object.entries(studies)
    .map(([name, { description }]) => `${name} (${description})`)
    .join(', ');
}

/** Commander throws after it has printed help, too. */
function unlessDone(error: unknown): void {
  if (!(error instanceof CommanderError && error.exitCode === 0)) throw error;
}

/** Prints one line for the user, and returns the exit status. */
function report(error: unknown): number {
  // Commander has printed its own line.
  if (error instanceof CommanderError) return 2;
  process.stderr.write(`${onOneLine(isSystemError(error) ? describeSystemError(error) : (error as Error).message)}\n`);
  return error instanceof UserError ? error.exitCode : 1;
}

/** A message of any origin on one line, without the control characters of names in it. */
function onOneLine(message: string): string {
  return printable(message.replaceAll('\n', ' '));
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The first SIGINT, SIGTERM or SIGHUP asks the command to end. A second one ends the process. */
function listenForSignals(): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    process.stderr.write('\ninterrupted: saving a checkpoint (again to end at once)\n');
    controller.abort();
  };
  // A run of a sweep ends when the sweep's process is gone.
  for (const name of SIGNALS) process.on(name, onSignal);
  process.on('disconnect', onSignal);
  return {
    signal: controller.signal,
    stop: () => {
      for (const name of SIGNALS) process.off(name, onSignal);
      process.off('disconnect', onSignal);
    },
  };
}
