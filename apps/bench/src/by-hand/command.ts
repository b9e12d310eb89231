import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeArrays } from '@motley/run';
import { describeMachine } from '../machine.ts';
import { type Results, type Step, stepOf } from '../results.ts';
import { type Spread, spreadOf } from '../statistics.ts';
import { alternate, disagreements } from '../training/compare.ts';
import { COMPILED_NAME } from '../training/contenders.ts';
import { python, pythonProblem } from '../training/python.ts';
import { Worker } from '../training/worker.ts';
import { settingOf } from './setting.ts';

const names = ['RNN-100', 'RNN-128', 'RNN-256'];
const peerNames = ['NumPy', 'NumPy, float32'];
const peerScript = join(import.meta.dirname, '..', '..', 'python', 'numpy_char_rnn.py');
const ours = [
  process.execPath,
  '--conditions=@motley/source',
  '--import',
  'tsx',
  join(import.meta.dirname, 'process.ts'),
];

/** Relative tolerances of losses. Adagrad's first steps amplify the rounding of float32, in NumPy too. */
const COMPARED_STEPS = 100;
const TOLERANCE = 1e-3;
const LEARNING_RATE = 1e-3;

/**
 * Times char-rnn's network by hand against the same in NumPy, after Karpathy's min-char-rnn, each on one core.
 *
 * @param report called as the work goes on
 * @throws Error if their losses differ
 */
export async function measureByHand(repeats: number, report: (line: string) => void): Promise<Results> {
  const problem = pythonProblem('torch');
  const steps: Step[] = [];
  const versions: Record<string, string> = {};
  for (const name of names) {
    const folder = mkdtempSync(join(tmpdir(), 'motley-bench-'));
    const workers: Worker[] = [];
    try {
      await writeSetting(name, folder);
      const assignment = {
        step: name,
        precision: 'float32',
        threads: 1,
        learningRate: LEARNING_RATE,
        comparedSteps: COMPARED_STEPS,
        folder,
      } as const;
      const contenders = [
        { name: COMPILED_NAME, problem: undefined, command: ours },
        ...(problem === undefined ? peerNames : []).map((peer) => ({
          name: peer,
          problem,
          command: [python, peerScript],
        })),
      ];
      for (const contender of contenders) {
        report(`${name}: ${contender.name}'s first steps`);
        workers.push(await Worker.start(contender, assignment));
      }
      const [mismatch] = disagreements(workers, TOLERANCE);
      if (mismatch !== undefined) throw new Error(`${name}: ${mismatch}`);
      const [own, ...others] = await alternate(workers, repeats, (round) => {
        report(`${name}: repeat ${round} of ${repeats}`);
      });
      const peers = others.map((times, index): [string, Spread] => [peerNames[index]!, spreadOf(times)]);
      steps.push(stepOf(name, spreadOf(own!), Object.fromEntries(peers)));
      for (const worker of workers) versions[worker.name === COMPILED_NAME ? 'Node' : 'NumPy'] = worker.ready.version;
    } finally {
      await Promise.all(workers.map((worker) => worker.stop()));
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return {
    title: 'char-rnn by hand against NumPy, on one core',
    date: `${new Date().toISOString().slice(0, 16)}Z`,
    command: `pnpm bench by-hand --repeats ${repeats}`,
    machine: await describeMachine(),
    versions,
    missing: problem === undefined ? {} : Object.fromEntries(peerNames.map((peer) => [peer, problem])),
    method: `A step of training on 25 characters of Moby-Dick: two recurrent layers, forward and backward through time, clipping, Adagrad. Ours is in float32; NumPy is written as min-char-rnn is, in float64 as that is, and in float32 beside it. From the same weights; the first ${COMPARED_STEPS} losses agree within ${TOLERANCE * 100} %. A process each on one core, taking turns of a second.`,
    repeats,
    steps,
  };
}

/** The initial weights and the text, for NumPy. */
async function writeSetting(name: string, folder: string): Promise<void> {
  const { network, text } = await settingOf(name);
  writeFileSync(join(folder, 'weights.safetensors'), encodeArrays(network.weights));
  const batch = { text: { shape: [text.length], values: text } };
  writeFileSync(join(folder, 'batch-0.safetensors'), encodeArrays(batch));
}
