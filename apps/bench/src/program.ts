import { join } from 'node:path';
import { UserError } from '@motley/core';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { buildAddOn } from './addon/build.ts';
import { addOnFile } from './addon/location.ts';
import { measureEager } from './eager/command.ts';
import { writeAtomically } from './files.ts';
import { toMarkdown } from './results.ts';

const defaultRepeats = 5;

/**
 * Runs the bench's command line.
 *
 * @param results the folder that tables are written to
 * @returns the exit status: 0 done, 1 failed, 2 bad arguments
 */
export async function runBench(argv: readonly string[], results: string): Promise<number> {
  try {
    if (argv.length === 0) throw new UserError('a command is expected: setup or eager');
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
    .description('times the same work on Motley and on its peers, side by side')
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  program
    .command('setup')
    .description("build what the peers need: tfjs-node's native add-on, against the TensorFlow that Motley runs on")
    .option('--headers <wheel>', 'a TensorFlow wheel to take the headers from, instead of downloading one')
    .action(({ headers }: { headers?: string }) => {
      buildAddOn(headers, progress);
      progress(`built ${addOnFile}`);
    });
  program
    .command('eager')
    .description("time single operations against tfjs-node's add-on")
    .option('--repeats <n>', 'pairs of fresh processes to take the median over', positiveInteger, defaultRepeats)
    .option('--json', 'print the steps as JSON, the only thing on standard output')
    .action(async ({ repeats, json }: { repeats: number; json?: true }) => {
      const measured = await measureEager(repeats, progress);
      const table = toMarkdown(measured, 'µs');
      writeAtomically(join(results, 'eager.md'), table);
      writeAtomically(join(results, 'eager.json'), `${JSON.stringify(measured, null, 2)}\n`);
      process.stdout.write(json ? `${JSON.stringify({ steps: measured.steps }, null, 2)}\n` : table);
    });
  return program;
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
  return message.replace(/^error: /, '').replaceAll('\n', ' ');
}
