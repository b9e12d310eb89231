import { runProgram, type OptionShape } from '@motley/run/node';
import type { z } from 'zod';
import type { Program } from './program.ts';
import { tensorRuntime } from './tensor-runtime.ts';

/**
 * Runs a system's command line: `process.exitCode = await runCommandLine({ … })`.
 * @param argv the arguments after the program's name
 * @returns the exit status: 0 done; 1 the run failed; 2 bad arguments or data; 130 interrupted
 */
export async function runCommandLine<
  Schema extends z.ZodObject,
  TrainShape extends OptionShape,
  Shapes extends Readonly<Record<string, OptionShape>>,
>(program: Program<Schema, TrainShape, Shapes>, argv: readonly string[] = process.argv.slice(2)): Promise<number> {
  return runProgram(program, tensorRuntime, argv);
}
