import { join } from 'node:path';
import { ADD_ON_NAME, addOnProblem } from '../addon/location.ts';
import type { Assignment } from './messages.ts';
import { peerScript, python, pythonProblem } from './python.ts';

/** A way of running a training step. */
export interface Contender {
  /** Name in tables, and the mode that its process is told. */
  readonly name: string;
  /** Why it cannot be measured here. */
  readonly problem: string | undefined;
  /** The steps that it has, where that is not all of them. */
  readonly steps?: readonly string[];
  /** The program that runs it, and its arguments. */
  readonly command: readonly string[];
}

const ours = [
  process.execPath,
  '--conditions=@motley/source',
  '--import',
  'tsx',
  join(import.meta.dirname, 'process.ts'),
];
const python3 = [python, peerScript];

/** Ours compiled, that is what the others are compared with. */
export const COMPILED_NAME = 'compiled';
export const EAGER_NAME = 'eager';

/** Steps that `keras_peer.py` has a twin of. */
const kerasSteps = ['VAE', 'CNN', 'MLP'];

/** Ours, then the peers; those that cannot be measured here say why. */
export function findContenders(precision: Assignment['precision']): readonly Contender[] {
  const eagerOnly = precision === 'bfloat16' ? 'float32 only' : undefined;
  return [
    { name: COMPILED_NAME, command: ours, problem: undefined },
    { name: EAGER_NAME, command: ours, problem: eagerOnly },
    { name: 'PyTorch', command: python3, problem: pythonProblem('torch') },
    { name: 'torch.compile', command: python3, problem: pythonProblem('torch') },
    { name: 'Keras', command: python3, problem: pythonProblem('keras'), steps: kerasSteps },
    { name: ADD_ON_NAME, command: ours, problem: eagerOnly ?? addOnProblem() },
  ];
}
