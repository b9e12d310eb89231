import { UserError } from '../config/errors.ts';
import type { StepCompiler } from '../train/fit.ts';
import type { BackendReport } from './backend.ts';

const ENGINES = ['grappler', 'xla'] as const;

export interface StepCompilerOptions {
  /** `--no-compile` is false. */
  readonly compile: boolean;
  readonly precision: string;
}

/**
 * What compiles training steps on this backend; undefined where there are no graphs, and steps run as they are.
 * @throws UserError where bfloat16 is asked for and nothing is compiled: it is the compiler's
 */
export async function stepCompiler(
  { backend }: BackendReport,
  { compile: isWanted, precision }: StepCompilerOptions,
): Promise<StepCompiler | undefined> {
  const isBfloat16 = precision === 'bfloat16';
  if (backend !== 'tensorflow' || !isWanted) {
    if (!isBfloat16) return undefined;
    const found = isWanted ? `the backend ${backend}` : '--no-compile';
    throw new UserError(`--precision bfloat16: expected compiled steps on native TensorFlow, got ${found}`);
  }
  const { compile } = await import('@motley/tensorflow');
  return (step, chosen) => {
    const engine = ENGINES.find((each) => each === chosen) ?? 'auto';
    return compile(step, { engine, precision: isBfloat16 ? 'bfloat16' : 'float32' });
  };
}
