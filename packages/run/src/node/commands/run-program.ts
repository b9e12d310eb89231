import { Command, CommanderError } from 'commander';
import { UserError } from '../../config/errors.ts';
import type { RunStatus, Summary } from '../run/summary.ts';
import { addStudyOptions, type StudyOptions } from '../study/options.ts';
import type { AnyStudy } from '../study/study.ts';
import { addSweepOptions, type SweepOptions } from '../sweep/options.ts';
import { executeTrained, executeTraining, type Execution } from './execute.ts';
import { addOptions, describeConfig, type GivenOptions } from './options.ts';
import type { AnyCommand, AnyProgram } from './program.ts';
import type { Runtime } from './runtime.ts';

const INTERRUPTED = 130;

/**
 * Runs a system's command line.
 * @param argv the arguments after the program's name
 * @returns the exit status: 0 done; 1 the run failed; 2 bad arguments or data; 130 interrupted
 */
export async function runProgram(program: AnyProgram, runtime: Runtime, argv: readonly string[]): Promise<number> {
  // A reader that left (`| head`) is no failure.
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.listeners('error').includes(ignoreBrokenPipe)) stream.on('error', ignoreBrokenPipe);
  }
  const interruption = listenForSignals();
  try {
    let status: RunStatus | undefined;
    const commander = buildCommander(program, runtime, interruption.signal, (result) => {
      status = result.status;
    });
    await commander.parseAsync(argv, { from: 'user' });
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
  signal: AbortSignal,
  done: (result: { readonly status: RunStatus }) => void,
): Command {
  const { system, description, config, train } = program;
  const root = new Command(system)
    .description(description)
    .exitOverride()
    .configureOutput({
      // Commander puts its suggestion on a second line.
      outputError: (text, write) => {
        write(
          `${text
            .trim()
            .replace(/^error: /, '')
            .replaceAll('\n', ' ')}\n`,
        );
      },
    });
  const add = (
    name: string,
    { description: text = 'train a model', options = {}, files, texts }: AnyCommand,
    execute: (execution: Execution) => Promise<Summary>,
  ): void => {
    const command = root.command(name).description(text);
    if (files !== undefined) command.argument('[files...]', files);
    if (texts !== undefined) command.argument('[texts...]', texts);
    addOptions(command, config, options, runtime, name === 'train' ? 'train' : 'trained');
    command.addHelpText('after', describeConfig(config)).action(async () => {
      const given: GivenOptions = command.opts();
      done(await execute({ system, config, command: name, given, arguments: command.args, signal, runtime }));
    });
  };
  add('train', train, (execution) => executeTraining(execution, train));
  const trainShape = train.options ?? {};
  const sweep = root
    .command('sweep')
    .description('search over fields of the configuration: many trainings, the best of them');
  addOptions(sweep, config, trainShape, runtime, 'train');
  addSweepOptions(sweep);
  sweep.addHelpText('after', describeConfig(config)).action(async (given: GivenOptions & SweepOptions) => {
    const { executeSweep } = await import('../sweep/index.ts');
    done(await executeSweep({ system, config, given, trainShape, signal }));
  });
  const { studies = {} } = program;
  if (Object.keys(studies).length > 0) {
    const study = root
      .command('study')
      .description('train what is compared, where it is not there yet, and make its tables and figures')
      .argument(
        '[names...]',
        `studies, or a study's variants as study/variant (default: all): ${describeStudies(studies)}`,
      );
    addOptions(study, config, trainShape, runtime, 'study');
    addStudyOptions(study);
    study
      .addHelpText('after', describeConfig(config))
      .action(async (names: string[], given: GivenOptions & StudyOptions) => {
        const { executeStudies } = await import('../study/index.ts');
        done(await executeStudies({ system, config, studies, names, given, trainShape, signal }));
      });
  }
  for (const [name, trained] of Object.entries(program.commands)) {
    add(name, trained, (execution) => executeTrained(execution, trained));
  }
  return root;
}

function describeStudies(studies: Readonly<Record<string, AnyStudy>>): string {
  return Object.entries(studies)
    .map(([name, { description }]) => `${name} (${description})`)
    .join(', ');
}

/** One line for the user, and the exit status. */
function report(error: unknown): number {
  // Commander has written its own line.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const message = (error as Error).message.replaceAll('\n', ' ');
  process.stderr.write(`${message}\n`);
  return error instanceof UserError ? error.exitCode : 1;
}

/** The first SIGINT or SIGTERM asks the command to end; a second ends the process. */
function listenForSignals(): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    process.stderr.write('\ninterrupted: saving a checkpoint (again to end at once)\n');
    controller.abort();
  };
  // A sweep's run whose sweep is gone ends too.
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('disconnect', onSignal);
  return {
    signal: controller.signal,
    stop: () => {
      process.off('SIGINT', onSignal).off('SIGTERM', onSignal).off('disconnect', onSignal);
    },
  };
}

function ignoreBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
