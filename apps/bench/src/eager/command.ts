import { ADD_ON_NAME, addOnProblem, tfjsNodeVersion } from '../addon/location.ts';
import { describeMachine } from '../machine.ts';
import { type Results, stepOf } from '../results.ts';
import { spreadOf } from '../statistics.ts';
import { compare } from './compare.ts';
import { operations } from './operations.ts';

/**
 * Times single operations and a training step on Motley's backend and, if it is built, on tfjs-node's add-on.
 *
 * @param repeats pairs of fresh processes
 * @param report called as the work goes on
 */
export async function measureEager(repeats: number, report: (line: string) => void): Promise<Results> {
  const problem = addOnProblem();
  const names = operations.map(({ name }) => name);
  const sides = problem === undefined ? (['ours', 'add-on'] as const) : (['ours'] as const);
  const { times, versions } = await compare(sides, names, repeats, report);
  const steps = [...times].map(([name, { ours = [], 'add-on': addOn }]) =>
    stepOf(name, spreadOf(ours), addOn === undefined ? {} : { [ADD_ON_NAME]: spreadOf(addOn) }),
  );
  return {
    title: "Eager operations: Motley against tfjs-node's native add-on",
    date: `${new Date().toISOString().slice(0, 16)}Z`,
    command: `pnpm bench eager --repeats ${repeats}`,
    machine: await describeMachine(),
    versions: {
      Node: process.versions.node,
      TensorFlow: versions.ours!,
      ...(versions['add-on'] !== undefined && {
        '@tensorflow/tfjs-node': `${tfjsNodeVersion} on TensorFlow ${versions['add-on']}`,
      }),
    },
    missing: problem === undefined ? {} : { [ADD_ON_NAME]: problem },
    method:
      'Time per call, two processes taking turns of 2.5 ms; a repeat is a pair of fresh processes, its time the lower quartile of its turns.',
    repeats,
    steps,
  };
}
