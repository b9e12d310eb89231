import { join } from 'node:path';
import { describeMachine } from '../machine.ts';
import { type Results, type Step, stepOf } from '../results.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import { alternate, disagreements } from '../training/compare.ts';
import { COMPILED_NAME } from '../training/contenders.ts';
import { python, pythonProblem } from '../training/python.ts';
import { Worker } from '../training/worker.ts';
import { products } from './products.ts';

const ONE_THREAD = 'NumPy, one thread';
/** Modes of the peer's script. OpenBLAS uses all cores by default. */
const peerNames = [ONE_THREAD, 'NumPy, its threads'];
const peerScript = join(import.meta.dirname, '..', '..', 'python', 'numpy_einsum.py');
const ours = [
  process.execPath,
  '--conditions=@motley/source',
  '--import',
  'tsx',
  join(import.meta.dirname, 'process.ts'),
];

/** Relative tolerance of results in float32, whose sums have another order. */
const TOLERANCE = 1e-3;

/**
 * Times scratch-nn's einsum on the shapes of its network against `numpy.einsum(optimize=True)`.
 *
 * @param report called as the work goes on
 * @throws Error if the results differ
 */
export async function measureEinsum(repeats: number, report: (line: string) => void): Promise<Results> {
  const problem = pythonProblem('torch');
  const peers = problem === undefined ? peerNames : [];
  const steps: Step[] = [];
  const versions: Record<string, string> = {};
  for (const { name, expression, operands } of products) {
    const workers: Worker[] = [];
    const peer = [python, peerScript, JSON.stringify({ expression, operands })];
    const contenders = [
      { name: COMPILED_NAME, problem: undefined, command: ours },
      ...peers.map((mode) => ({ name: mode, problem: undefined, command: peer })),
    ];
    const assignment = {
      step: name,
      precision: 'float32',
      threads: 1,
      learningRate: 0,
      comparedSteps: 1,
      folder: '',
    } as const;
    try {
      for (const contender of contenders) workers.push(await Worker.start(contender, assignment));
      const [mismatch] = disagreements(workers, TOLERANCE);
      if (mismatch !== undefined) throw new Error(`${name}: ${mismatch}`);
      const [own, ...others] = await alternate(workers, repeats, (round) => {
        report(`${name}: repeat ${round} of ${repeats}`);
      });
      const spreads = others.map((times, index): [string, Spread] => [peers[index]!, spreadOf(times)]);
      steps.push(stepOf(name, spreadOf(own!), Object.fromEntries(spreads)));
      for (const worker of workers) versions[worker.name === COMPILED_NAME ? 'Node' : 'NumPy'] = worker.ready.version;
    } finally {
      await Promise.all(workers.map((worker) => worker.stop()));
    }
  }
  return {
    title: 'einsum: scratch-nn against NumPy',
    date: `${new Date().toISOString().slice(0, 16)}Z`,
    command: `pnpm bench einsum --repeats ${repeats}`,
    machine: await describeMachine(),
    versions,
    missing: problem === undefined ? {} : Object.fromEntries(peerNames.map((peer) => [peer, problem])),
    method: `What a training step of scratch-nn's default network computes, 32 pictures of 24 × 24, in float32, by \`einsum\` and by \`numpy.einsum(optimize=True)\`; the results agree within ${TOLERANCE * 100} %. A process each, taking turns of a second.`,
    repeats,
    bar: { name: ONE_THREAD, peers: [ONE_THREAD] },
    steps,
  };
}
