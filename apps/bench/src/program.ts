import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { UserError, printable } from '@motley/run';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { buildAddOn } from './addon/build.ts';
import { addOnFile } from './addon/location.ts';
import { measureByHand } from './by-hand/command.ts';
import { measureData } from './data/command.ts';
import { measureDecoding, tokensPerSecond } from './decoding/command.ts';
import { measureEager } from './eager/command.ts';
import { measureEinsum } from './einsum/command.ts';
import { writeAtomically } from './files.ts';
import { type Results, toMarkdown } from './results.ts';
import { chartOf, measureTraining, type TrainingOptions } from './training/command.ts';
import { detailsOf } from './training/details.ts';
import { profileStep } from './training/profile.ts';
import { installPythonPeers, python } from './training/python.ts';
import { findStep, steps } from './training/steps/index.ts';
import { compareTranslations } from './translation/command.ts';

const DEFAULT_REPEATS = 5;

/**
 * Runs the bench's command line.
 *
 * @param results the folder that tables are written to
 * @returns the exit status: 0 done, 1 failed, 2 bad arguments
 */
export async function runBench(argv: readonly string[], results: string): Promise<number> {
  try {
    await buildProgram(results).parseAsync(argv, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    process.stderr.write(`${oneLine(error)}\n`);
    return error instanceof CommanderError || error instanceof UserError ? 2 : 1;
  }
}

function buildProgram(results: string): Command {
  const program = new Command('bench')
    .description('time the same work on Motley and on its peers')
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  program
    .command('setup')
    .description(
      "install the peers: PyTorch, and tfjs-node's native add-on, built against the TensorFlow that Motley runs on",
    )
    .option('--headers <wheel>', 'a TensorFlow wheel to take the headers from, instead of downloading one')
    .option('--keras', 'also install Keras on TensorFlow (large)')
    .action(({ headers, keras = false }: { headers?: string; keras?: boolean }) => {
      buildAddOn(headers, progress);
      progress(`built ${addOnFile}`);
      installPythonPeers(keras, progress);
      progress(`installed ${python}`);
    });
  program
    .command('eager')
    .description("time single operations against tfjs-node's add-on")
    .option('--repeats <n>', 'pairs of fresh processes to take the median over', positiveInteger, DEFAULT_REPEATS)
    .option('--json', 'print the steps as JSON, the only thing on standard output')
    .action(async ({ repeats, json }: { repeats: number; json?: true }) => {
      publish(results, 'eager', await measureEager(repeats, progress), json);
    });
  program
    .command('data')
    .description("time core's generator of pictures against Pillow, on one core each")
    .option('--repeats <n>', 'slices of each to take the median over', positiveInteger, DEFAULT_REPEATS)
    .option('--json', 'print the steps as JSON, the only thing on standard output')
    .action(async ({ repeats, json }: { repeats: number; json?: true }) => {
      publish(results, 'data', await measureData(repeats, progress), json);
    });
  program
    .command('decoding')
    .description("time packages/transformer's greedy decoding, with and without a cache, against PyTorch's")
    .option('--repeats <n>', 'slices of each to take the median over', positiveInteger, DEFAULT_REPEATS)
    .option('--threads <n>', 'threads of each contender (default: the cores)', positiveInteger, availableParallelism())
    .option('--json', 'print the steps as JSON, the only thing on standard output')
    .action(async ({ repeats, threads, json }: { repeats: number; threads: number; json?: true }) => {
      const measured = await measureDecoding(repeats, threads, progress);
      publish(results, 'decoding', measured, json, tokensPerSecond(measured));
    });
  program
    .command('translation')
    .description(
      "train PyTorch's nn.Transformer with the settings of runs of packages/transformer, and compare the translations",
    )
    .requiredOption(
      '--run <folder...>',
      'folders of completed runs, each after `pnpm --filter transformer export --run`',
    )
    .option('--threads <n>', "PyTorch's threads (default: the cores)", positiveInteger, availableParallelism())
    .action(async ({ run, threads }: { run: string[]; threads: number }) => {
      const page = await compareTranslations(run, threads, progress);
      writeAtomically(join(results, 'translation.md'), page);
      process.stdout.write(page);
    });
  program
    .command('einsum')
    .description("time scratch-nn's einsum on the shapes of its network against NumPy's")
    .option('--repeats <n>', 'slices of each to take the median over', positiveInteger, DEFAULT_REPEATS)
    .option('--json', 'print the steps as JSON, the only thing on standard output')
    .action(async ({ repeats, json }: { repeats: number; json?: true }) => {
      publish(results, 'einsum', await measureEinsum(repeats, progress), json);
    });
  program
    .command('by-hand')
    .description("time char-rnn's network by hand against NumPy, on one core each")
    .option('--repeats <n>', 'slices of each to take the median over', positiveInteger, DEFAULT_REPEATS)
    .option('--json', 'print the steps as JSON, the only thing on standard output')
    .action(async ({ repeats, json }: { repeats: number; json?: true }) => {
      publish(results, 'by-hand', await measureByHand(repeats, progress), json);
    });
  program
    .command('steps', { isDefault: true })
    .description('time whole training steps against PyTorch, torch.compile, Keras and tfjs-node: the default')
    .argument('[step...]', `names: ${steps.map(({ name }) => name).join(', ')} (default: all)`)
    .option('--repeats <n>', 'slices of each contender to take the median over', positiveInteger, DEFAULT_REPEATS)
    .addOption(
      new Option('--precision <type>', 'number type of matrix products and convolutions')
        .choices(['float32', 'bfloat16'])
        .default('float32'),
    )
    .option('--json', 'print the steps as JSON, the only thing on standard output')
    .option('--threads <n>', 'threads of each contender (default: the cores)', positiveInteger, availableParallelism())
    .option('--profile', "show the time of each operation of the step's compiled graph instead")
    .action(async (names: string[], options: StepOptions) => {
      if (options.profile === true) {
        for (const name of names.length === 0 ? steps.map((step) => step.name) : names)
          process.stdout.write(`${await profileStep(findStep(name), options.precision)}\n`);
        return;
      }
      await timeSteps(results, names, options);
    });
  return program;
}

/** Writes a table of times in µs, with `more` below it, and its JSON; prints one of the two. */
function publish(folder: string, name: string, measured: Results, json = false, more = ''): void {
  const table = `${toMarkdown(measured, 'µs')}${more === '' ? '' : `\n${more}\n`}`;
  writeAtomically(join(folder, `${name}.md`), table);
  writeAtomically(join(folder, `${name}.json`), `${JSON.stringify(measured, null, 2)}\n`);
  process.stdout.write(json ? `${JSON.stringify({ steps: measured.steps }, null, 2)}\n` : table);
}

interface StepOptions extends Omit<TrainingOptions, 'names'> {
  readonly json?: boolean;
  readonly profile?: boolean;
}

/** Times steps and prints the results. Writes files only for a run of all steps. */
async function timeSteps(folder: string, names: readonly string[], options: StepOptions): Promise<void> {
  const { results, details } = await measureTraining({ ...options, names }, progress);
  const page = `${toMarkdown(results, 'ms')}\n${detailsOf(details)}`;
  if (names.length === 0) {
    const path = join(folder, options.precision === 'float32' ? 'steps' : `steps-${options.precision}`);
    writeAtomically(`${path}.md`, page);
    writeAtomically(`${path}.json`, `${JSON.stringify(results, null, 2)}\n`);
    writeAtomically(`${path}.svg`, chartOf(details).svg!);
  }
  process.stdout.write(options.json === true ? `${JSON.stringify({ steps: results.steps }, null, 2)}\n` : page);
  const failed = details.filter(
    ({ step, comparison: { mismatched } }) =>
      mismatched.length > 0 || !results.steps.some(({ name }) => name === step.name),
  );
  if (failed.length > 0) throw new Error(`failed: ${failed.map(({ step }) => step.name).join(', ')}`);
}

function progress(line: string): void {
  process.stderr.write(`${line}\n`);
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 1000) {
    throw new InvalidArgumentError('expected a whole number from 1 to 1000.');
  }
  return value;
}

function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return printable(message.replace(/^error: /, '').replaceAll('\n', ' '));
}
