import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeTensors } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { describeMachine } from '../machine.ts';
import { markdownTable, type Results, type Step, stepOf } from '../results.ts';
import { spreadOf } from '../statistics.ts';
import { alternate, disagreements } from '../training/compare.ts';
import { COMPILED_NAME, type Contender } from '../training/contenders.ts';
import { python, pythonProblem } from '../training/python.ts';
import { Worker } from '../training/worker.ts';
import { batchSizeOf, DECODED_LENGTH, decodingSetting } from './setting.ts';

const names = ['Decoding-1', 'Decoding-32'];
const WITHOUT_CACHE = 'ours without a cache';
const PYTORCH = 'PyTorch';
const PYTORCH_CACHED = 'PyTorch, cached by hand';

const ours = [
  process.execPath,
  '--conditions=@motley/source',
  '--import',
  'tsx',
  join(import.meta.dirname, 'process.ts'),
];
const theirs = [python, join(import.meta.dirname, '..', '..', 'python', 'torch_decoding.py')];

/**
 * Times greedy decoding by packages/transformer, with and without a cache of keys and values, against PyTorch.
 *
 * @param report called as the work goes on
 * @throws Error if the decoded symbols differ
 */
export async function measureDecoding(
  repeats: number,
  threads: number,
  report: (line: string) => void,
): Promise<Results> {
  const problem = pythonProblem('torch');
  const contenders: Contender[] = [
    { name: COMPILED_NAME, problem: undefined, command: ours },
    { name: WITHOUT_CACHE, problem: undefined, command: ours },
    { name: PYTORCH, problem, command: theirs },
    { name: PYTORCH_CACHED, problem, command: theirs },
  ];
  const steps: Step[] = [];
  const versions: Record<string, string> = {};
  for (const name of names) {
    const folder = mkdtempSync(join(tmpdir(), 'motley-bench-'));
    const workers: Worker[] = [];
    try {
      await writeSetting(name, folder);
      const assignment = { step: name, precision: 'float32', threads, learningRate: 0, folder } as const;
      for (const contender of contenders.filter((each) => each.problem === undefined)) {
        report(`${name}: ${contender.name}'s first sentences`);
        workers.push(
          await Worker.start(contender, { ...assignment, comparedSteps: batchSizeOf(name) * DECODED_LENGTH }),
        );
      }
      const [mismatch] = disagreements(workers, 0);
      if (mismatch !== undefined) throw new Error(`${name}: ${mismatch}`);
      const [own, ...others] = await alternate(workers, repeats, (round) => {
        report(`${name}: repeat ${round} of ${repeats}`);
      });
      const peers = others.map((times, index) => [workers[index + 1]!.name, spreadOf(times)] as const);
      steps.push(stepOf(name, spreadOf(own!), Object.fromEntries(peers)));
      for (const worker of workers)
        versions[worker.name.startsWith(PYTORCH) ? PYTORCH : 'TensorFlow'] = worker.ready.version;
    } finally {
      await Promise.all(workers.map((worker) => worker.stop()));
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return {
    title: `Greedy decoding of ${DECODED_LENGTH} symbols`,
    date: `${new Date().toISOString().slice(0, 16)}Z`,
    command: `pnpm bench decoding --repeats ${repeats}`,
    machine: await describeMachine(),
    versions,
    missing: problem === undefined ? {} : Object.fromEntries([PYTORCH, PYTORCH_CACHED].map((peer) => [peer, problem])),
    method: `packages/transformer at the size of its preset for Multi30k (3 + 3 layers, d = 256, vocabulary 10,000) says ${DECODED_LENGTH} symbols for each of so many sentences of 32. Ours is one compiled loop with keys and values kept; without a cache, what is said so far is read once more for each symbol. PyTorch's usual loop on nn.Transformer does the latter; beside it a loop with keys and values kept, written by hand on the same parameters. All say the same symbols. A process each, taking turns of a second.`,
    repeats,
    steps,
  };
}

/** Symbols per second, from the medians. */
export function tokensPerSecond({ steps }: Results): string {
  const peers = [...new Set(steps.flatMap((step) => Object.keys(step.peers)))];
  const rate = (name: string, timeInMs: number | undefined): string =>
    timeInMs === undefined
      ? '–'
      : Math.round((batchSizeOf(name) * DECODED_LENGTH * 1000) / timeInMs).toLocaleString('en');
  const rows = steps.map(({ name, ours: own, peers: others }) => [
    name,
    rate(name, own.median),
    ...peers.map((peer) => rate(name, others[peer]?.median)),
  ]);
  return markdownTable(['symbols a second', 'ours', ...peers], rows);
}

async function writeSetting(name: string, folder: string): Promise<void> {
  await chooseBackend('cpu');
  const { model, source } = decodingSetting(batchSizeOf(name));
  const weights = model.stateDict();
  writeFileSync(join(folder, 'weights.safetensors'), await encodeTensors(weights));
  writeFileSync(join(folder, 'batch-0.safetensors'), await encodeTensors({ source }));
  Object.values(weights).forEach((tensor) => {
    tensor.dispose();
  });
  source.dispose();
  model.dispose();
}
