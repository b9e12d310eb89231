import type { z } from 'zod';
import { arrayRuntime, type ArrayTypes } from './array-runtime.ts';
import type { OptionShape, OptionShapes } from './given-options.ts';
import type { Program, TrainedModel } from './program.ts';
import { runProgram } from './run-program.ts';

/**
 * Runs the command line of a system that computes on typed arrays of its own:
 * `process.exitCode = await runCommandLine({ … })`.
 * @param program with the precision of its arithmetic
 * @param argv the arguments after the program's name
 * @returns the exit status: 0 done; 1 the run failed; 2 bad arguments or data; 130 interrupted
 */
export async function runCommandLine<
  Schema extends z.ZodObject,
  Data,
  Model extends TrainedModel,
  TrainShape extends OptionShape,
  Shapes extends OptionShapes,
  ModelShapes extends OptionShapes,
>(
  program: Program<Schema, ArrayTypes, Data, Model, TrainShape, Shapes, ModelShapes> & {
    readonly precision: 'float32' | 'float64';
  },
  argv: readonly string[] = process.argv.slice(2),
): Promise<number> {
  return runProgram(program, arrayRuntime(program.precision), argv);
}
