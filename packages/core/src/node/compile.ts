import { UserError } from '@motley/run';
import type { Batch } from '../data/batches.ts';
import type { CompiledStep, TrainingStep } from '../train/fit.ts';
import type { BackendReport } from './backend.ts';

const ENGINES = ['grappler', 'xla'] as const;

export interface StepCompilerOptions {
  /** False with `--no-compile`. */
  readonly compile: boolean;
  readonly precision: string;
}

/**
 * Compiles a training step. `engine` is the engine chosen earlier in the training, if any.
 *
 * If `stepsPerCall` is above 1, the compiled step can run K steps per call, 1 ≤ K ≤ `stepsPerCall`. Every batch tensor
 * is then [K, B, …], and every step input and the losses are [K]. The steps run in order, each on the updated weights,
 * with bitwise the same results as K single calls. Another K needs no new trace.
 */
type NodeStepCompiler = <Item extends Batch>(
  step: TrainingStep<Item>,
  engine: string | undefined,
  stepsPerCall?: number,
) => CompiledStep<Item>;

/**
 * Creates a compiler of training steps for this backend. Undefined if the backend has no graphs or compilation is off:
 * steps then run uncompiled.
 * @throws UserError for bfloat16 without compilation, which only the compiler supports
 */
export async function stepCompiler(
  { backend }: BackendReport,
  { compile: isWanted, precision }: StepCompilerOptions,
): Promise<NodeStepCompiler | undefined> {
  const isBfloat16 = precision === 'bfloat16';
  if (backend !== 'tensorflow' || !isWanted) {
    if (!isBfloat16) return undefined;
    const found = isWanted ? `the backend ${backend}` : '--no-compile';
    throw new UserError(`--precision bfloat16: expected compiled steps on native TensorFlow, got ${found}`);
  }
  const { compile } = await import('@motley/tensorflow');
  return (step, chosen, stepsPerCall = 1) =>
    compile(step, {
      engine: ENGINES.find((each) => each === chosen) ?? 'auto',
      precision: isBfloat16 ? 'bfloat16' : 'float32',
      ...(stepsPerCall > 1 && { stepsPerCall }),
    });
}
