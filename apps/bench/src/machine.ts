import { runDoctor } from '@motley/tensorflow/library';

/** Machine of a measurement. */
export interface Machine {
  readonly model: string;
  /** Logical cores that this process may use. */
  readonly cores: number;
  /** Instruction sets of this CPU that matter to the kernels, such as `AVX2 FMA`. */
  readonly features: string;
}

export async function describeMachine(): Promise<Machine> {
  const { model, cores, features } = (await runDoctor()).cpu;
  const present = Object.keys(features).filter((feature) => features[feature]);
  return { model, cores, features: present.join(' ') };
}
