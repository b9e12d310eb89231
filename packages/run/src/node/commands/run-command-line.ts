import type { z } from 'zod';
import { arrayRuntime, type ArrayTypes } from './array-runtime.ts';
import type { OptionShape, OptionShapes } from './given-options.ts';
import type { Program, TrainedModel } from './program.ts';
import { runProgram } from './run-program.ts';

/**
 * Runs the command line of a system on typed arrays: `process.exitCode = await runCommandLine({ … })`.
 * @param program command line with the precision of its arithmetic
 * @param argv arguments after the program name
 * @returns exit status: 0 done; 1 the run failed; 2 invalid arguments or data; 130 interrupted
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
