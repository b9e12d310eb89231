import { UserError } from '@motley/run';
import type { Batch } from '../data/batches.ts';
import type { CompiledStep, TrainingStep } from '../train/fit.ts';
import type { BackendReport } from './backend.ts';

const ENGINES = ['grappler', 'xla'] as const;

export interface StepCompilerOptions {
  /** `--no-compile` is false. */
  readonly compile: boolean;
  readonly precision: string;
}

/**
 * Compiles a training step; `engine` is the one to use, where an earlier part of the training has chosen.
 *
 * With `stepsPerCall` above 1 the compiled step makes K steps in one call, 1 ≤ K ≤ `stepsPerCall`: every tensor of the
 * batch is [K, B, …], every one of the step's inputs [K], and so are the losses. The steps run in order, each on the
 * weights of the last, with the bits of K single calls; other K need no other trace.
 */
type NodeStepCompiler = <Item extends Batch>(
  step: TrainingStep<Item>,
  engine: string | undefined,
  stepsPerCall?: number,
) => CompiledStep<Item>;

/**
 * Compiler of training steps on this backend. Undefined where there are no graphs, and steps run uncompiled.
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
