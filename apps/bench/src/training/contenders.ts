import { join } from 'node:path';
import { ADD_ON_NAME, addOnProblem } from '../addon/location.ts';
import type { Assignment } from './messages.ts';
import { peerScript, python, pythonProblem } from './python.ts';

/** A way of running a training step. */
export interface Contender {
  /** Name in tables; also the mode that its process gets. */
  readonly name: string;
  /** Reason why it cannot be measured on this machine. */
  readonly problem: string | undefined;
  /** Names of its steps; undefined if it has all. */
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

/** Motley compiled, with which the others are compared. */
export const COMPILED_NAME = 'compiled';
export const EAGER_NAME = 'eager';

/** Steps that `keras_peer.py` has a twin of. */
const kerasSteps = ['VAE', 'CNN', 'MLP'];

/** Ours, then the peers, with the reason for those that cannot be measured. */
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
