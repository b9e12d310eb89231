import { type Figure, heatMap } from '@motley/run/node';
import { ADD_ON_NAME, tfjsNodeVersion } from '../addon/location.ts';
import { describeMachine } from '../machine.ts';
import { type Results, type Step, stepOf } from '../results.ts';
import { median, spreadOf } from '../statistics.ts';
import { compare, lossTolerance } from './compare.ts';
import { COMPILED_NAME, EAGER_NAME, findContenders } from './contenders.ts';
import type { StepResult } from './details.ts';
import type { Precision } from './messages.ts';
import { COMPARED_STEPS } from './step.ts';
import { findStep, steps as allSteps } from './steps/index.ts';

export interface TrainingOptions {
  /** Names of steps; all steps if empty. */
  readonly names: readonly string[];
  readonly repeats: number;
  readonly threads: number;
  readonly precision: Precision;
}

export interface TrainingMeasurements {
  readonly results: Results;
  readonly details: readonly StepResult[];
}

/**
 * Times whole training steps on Motley and on its peers, one step after the other.
 *
 * @param report called as the work goes on
 * @throws UserError if a name is no step
 */
export async function measureTraining(
  { names, repeats, threads, precision }: TrainingOptions,
  report: (line: string) => void,
): Promise<TrainingMeasurements> {
  const steps = names.length === 0 ? allSteps : names.map(findStep);
  const contenders = findContenders(precision);
  const present = contenders.filter(({ problem }) => problem === undefined);
  const details: StepResult[] = [];
  for (const step of steps) {
    const able = present.filter(({ steps: known }) => known === undefined || known.includes(step.name));
    details.push({ step, comparison: await compare(step, able, { precision, threads, repeats }, report) });
  }
  const results: Results = {
    title: 'Training steps: Motley against PyTorch, Keras and tfjs-node',
    date: `${new Date().toISOString().slice(0, 16)}Z`,
    command: [
      'pnpm bench',
      ...names,
      `--repeats ${repeats} --threads ${threads}`,
      ...(precision === 'bfloat16' ? ['--precision bfloat16'] : []),
    ].join(' '),
    machine: await describeMachine(),
    versions: versionsOf(details),
    missing: Object.fromEntries(
      contenders.flatMap(({ name, problem }) =>
        problem === undefined || name === EAGER_NAME ? [] : [[name, problem]],
      ),
    ),
    method: `Forward, backward and optimizer in ${precision}, ${threads} ${threads === 1 ? 'thread' : 'threads'} each, a process each, taking turns of a second; all start from the same weights and batches, and the losses of the first ${COMPARED_STEPS} steps agree within ${lossTolerance[precision] * 100} %.`,
    repeats,
    bar: { name: 'PyTorch', peers: ['PyTorch', 'torch.compile'] },
    steps: details.flatMap((detail) => rowOf(detail, precision)),
  };
  return { results, details };
}

/** Versions of the compared libraries; compiled and eager are one library. */
function versionsOf(details: readonly StepResult[]): Record<string, string> {
  const versions: Record<string, string> = { Node: process.versions.node };
  for (const { comparison } of details) {
    for (const [name, { version }] of comparison.measurements) {
      if (name === COMPILED_NAME) versions.TensorFlow = version;
      else if (name === ADD_ON_NAME) versions['@tensorflow/tfjs-node'] = `${tfjsNodeVersion} on TensorFlow ${version}`;
      else if (name === 'PyTorch' || name === 'Keras') versions[name] = version;
    }
  }
  return versions;
}

/** Row of a step: none if ours failed, without a ratio if the losses of a peer differ. */
function rowOf({ step, comparison: { measurements, mismatched } }: StepResult, precision: Precision): Step[] {
  const spreads = [...measurements].map(([name, { times }]) => [name, spreadOf(times)] as const);
  const ours = spreads.find(([name]) => name === COMPILED_NAME)?.[1];
  if (ours === undefined) return [];
  const peers = Object.fromEntries(spreads.filter(([name]) => name !== COMPILED_NAME && name !== EAGER_NAME));
  return [{ ...stepOf(step.name, ours, peers), precision, ...(mismatched.length > 0 && { ratio: null }) }];
}

/** Time of each contender relative to Motley compiled. */
export function chartOf(details: readonly StepResult[]): Figure {
  const names = [...new Set(details.flatMap(({ comparison }) => [...comparison.measurements.keys()]))];
  const times = details.map(({ comparison: { measurements } }) =>
    names.map((name) => (measurements.has(name) ? median(measurements.get(name)!.times) : NaN)),
  );
  const ours = names.indexOf(COMPILED_NAME);
  return heatMap({
    title: 'Time per training step, relative to Motley compiled',
    subtitle: 'above 1: Motley compiled is faster',
    xName: '',
    yName: '',
    xLabels: names,
    yLabels: details.map(({ step }) => step.name),
    values: times.flatMap((row) => row.map((time) => time / row[ours]!)),
    decimals: 2,
    height: 160 + 40 * details.length,
  });
}
