import { runProgram, type OptionShape, type OptionShapes, type Program, type TrainedModel } from '@motley/run/node';
import type { z } from 'zod';
import type { TensorTypes } from './program.ts';
import { tensorRuntime } from './tensor-runtime.ts';

/**
 * Runs the command line of a system that computes on tensors: `process.exitCode = await runCommandLine({ … })`.
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
  program: Program<Schema, TensorTypes, Data, Model, TrainShape, Shapes, ModelShapes>,
  argv: readonly string[] = process.argv.slice(2),
): Promise<number> {
  return runProgram(program, tensorRuntime, argv);
}
