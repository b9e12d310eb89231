import {
  engine,
  type GradConfig,
  type KernelConfig,
  registerGradient,
  registerKernel,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../../backend/backend.ts';
import { CompileError } from '../compile-error.ts';
import { type Recorded, recordIf, recordWhile } from './graph-control-flow.ts';
import { type ScanAttributes, scanGradients, scanInGraph } from './scan.ts';
import { vectorJacobianProducts } from './vector-jacobian.ts';

/** Attributes of the kernel `WhileLoop`. Its inputs are what goes round, and what the functions use besides. */
interface WhileLoopAttributes {
  readonly loopCount: number;
  readonly condition: (loop: Tensor[]) => Tensor;
  readonly body: (loop: Tensor[]) => Tensor[];
}

/** Attributes of the kernel `Cond`. Its inputs are what the functions use. */
interface CondAttributes {
  /** Scalar; not an input, as no gradient goes through it. */
  readonly predicate: Tensor;
  readonly whenTrue: () => Tensor[];
  readonly whenFalse: () => Tensor[];
  /** Set by the kernel where a tape records it: from the results' gradients to the inputs'. */
  backward?: Recorded;
}

/**
 * Control flow of compiled functions. Core looks these kernels up by name and runs them while a function is traced;
 * their attributes are functions of tensors, and all tensors that these use are inputs, so that a tape sees them.
 */
export function registerControlFlowKernels(): void {
  register<ScanAttributes>('Scan', scanInGraph, scanGradients);
  register<WhileLoopAttributes>(
    'WhileLoop',
    (backend, inputs, { loopCount, condition, body }) => {
      const initial = inputs.slice(0, loopCount);
      return recordWhile(backend, initial, condition, body)(initial);
    },
    () => {
      throw new CompileError(
        'whileLoop: a compiled loop whose length depends on data has no gradient; use scan, whose length is known',
      );
    },
  );
  register<CondAttributes>('Cond', condInGraph, (gradients, _, { backward }) => {
    if (engine().state.gradientDepth > 0 || backward === undefined) {
      throw new CompileError('cond: a compiled cond has first derivatives only');
    }
    return backward(gradients);
  });
}

function condInGraph(
  backend: TensorFlowBackend,
  inputs: readonly Tensor[],
  attributes: CondAttributes,
  isRecorded: boolean,
): Tensor[] {
  const { predicate, whenTrue, whenFalse } = attributes;
  const results = recordIf(backend, predicate, [], whenTrue, whenFalse)([]);
  if (isRecorded) {
    const branch = (run: () => Tensor[]) => (weights: Tensor[]) => vectorJacobianProducts(run, weights, inputs);
    attributes.backward = recordIf(backend, predicate, results, branch(whenTrue), branch(whenFalse));
  }
  return results;
}

type InGraph<A> = (
  backend: TensorFlowBackend,
  inputs: readonly Tensor[],
  attributes: A,
  isRecorded: boolean,
) => Tensor[];
type Gradients<A> = (gradients: readonly Tensor[], inputs: readonly Tensor[], attributes: A) => Tensor[];

function register<A>(kernelName: string, inGraph: InGraph<A>, gradients: Gradients<A>): void {
  const kernel: KernelConfig = {
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs, backend }) =>
      inGraph(
        backend as TensorFlowBackend,
        Object.values(inputs) as Tensor[],
        attrs as unknown as A,
        engine().state.gradientDepth > 0,
      ),
  };
  const gradient: GradConfig = {
    kernelName,
    saveAllInputs: true,
    gradFunc: (gradient, saved, attrs) => {
      const list = gradients([gradient].flat(), saved, attrs as unknown as A);
      return Object.fromEntries(list.map((each, index) => [index, () => each]));
    },
  };
  registerKernel(kernel);
  registerGradient(gradient);
}
