import { runDoctor } from '@motley/tensorflow/library';

/** The machine that measured, as far as it matters to a reader of the figures. */
export interface Machine {
  readonly model: string;
  /** Logical cores that this process may use. */
  readonly cores: number;
  /** Instruction sets that matter to the kernels and that this CPU has, `AVX2 FMA`. */
  readonly features: string;
}

export async function describeMachine(): Promise<Machine> {
  const { model, cores, features } = (await runDoctor()).cpu;
  const present = Object.keys(features).filter((feature) => features[feature]);
  return { model, cores, features: present.join(' ') };
}
