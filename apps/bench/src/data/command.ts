import { join } from 'node:path';
import { describeMachine } from '../machine.ts';
import { type Results, stepOf } from '../results.ts';
import { median, spreadOf } from '../statistics.ts';
import { alternate, disagreements } from '../training/compare.ts';
import { COMPILED_NAME } from '../training/contenders.ts';
import { python, pythonProblem } from '../training/python.ts';
import { Worker } from '../training/worker.ts';

const PEER_NAME = 'Pillow';
const peerScript = join(import.meta.dirname, '..', '..', 'python', 'pillow_shapes.py');
const ours = [
  process.execPath,
  '--conditions=@motley/source',
  '--import',
  'tsx',
  join(import.meta.dirname, 'process.ts'),
];

/** Number of pictures whose mean and deviation are compared; enough to know the mean of random colors to a hundredth. */
const COMPARED_PICTURES = 2000;
const TOLERANCE = 0.05;

/**
 * Times core's generator of shapes against the same pictures by Pillow and NumPy, each on one core.
 *
 * @param report called as the work goes on
 * @throws Error if the two draw different pictures
 */
export async function measureData(repeats: number, report: (line: string) => void): Promise<Results> {
  const problem = pythonProblem('torch');
  const assignment = {
    step: 'shapes',
    precision: 'float32',
    threads: 1,
    learningRate: 0,
    comparedSteps: COMPARED_PICTURES,
    folder: '',
  } as const;
  const workers: Worker[] = [];
  try {
    report('ours: first pictures');
    workers.push(await Worker.start({ name: COMPILED_NAME, problem: undefined, command: ours }, assignment));
    if (problem === undefined) {
      report(`${PEER_NAME}: first pictures`);
      workers.push(await Worker.start({ name: PEER_NAME, problem, command: [python, peerScript] }, assignment));
    }
    const [mismatch] = disagreements(workers, TOLERANCE);
    if (mismatch !== undefined) throw new Error(`mean and deviation of the pixels: ${mismatch}`);
    const [own, others] = await alternate(workers, repeats, (round) => {
      report(`repeat ${round} of ${repeats}`);
    });
    const peers = others === undefined ? {} : { [PEER_NAME]: spreadOf(others) };
    return {
      title: 'Data: pictures drawn on one core',
      date: `${new Date().toISOString().slice(0, 16)}Z`,
      command: `pnpm bench data --repeats ${repeats}`,
      machine: await describeMachine(),
      versions: Object.fromEntries(
        workers.map(({ name, ready }) => [name === COMPILED_NAME ? 'Node' : name, ready.version]),
      ),
      missing: problem === undefined ? {} : { [PEER_NAME]: problem },
      method: `A picture of one of ten shapes, 64×64 RGB, with a random background and noise: ${Math.round(1000 / median(own!)).toLocaleString('en')} pictures a second by core's generator. A process each on one core, taking turns of a second; mean and deviation of ${COMPARED_PICTURES.toLocaleString('en')} pictures agree within ${TOLERANCE * 100} %.`,
      repeats,
      steps: [stepOf('shapes 64×64', spreadOf(own!), peers)],
    };
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}
