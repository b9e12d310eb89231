import type { StepCompiler } from '../train/fit.ts';
import type { BackendReport } from './backend.ts';

const ENGINES = ['grappler', 'xla'] as const;

/** What compiles training steps on this backend; undefined where there are no graphs, and steps run as they are. */
export async function stepCompiler({ backend }: BackendReport): Promise<StepCompiler | undefined> {
  if (backend !== 'tensorflow') return undefined;
  const { compile } = await import('@motley/tensorflow');
  return (step, chosen) => compile(step, { engine: ENGINES.find((engine) => engine === chosen) ?? 'auto' });
}
