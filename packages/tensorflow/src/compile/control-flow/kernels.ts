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

/**
 * Attributes of the kernel `WhileLoop`. Its inputs are the loop's values, then all other tensors that the functions
 * use.
 */
interface WhileLoopAttributes {
  readonly loopCount: number;
  readonly condition: (loop: Tensor[]) => Tensor;
  readonly body: (loop: Tensor[]) => Tensor[];
}

/** Attributes of the kernel `Cond`. Its inputs are the tensors that the functions use. */
interface CondAttributes {
  /** Scalar boolean. It is not an input, because it has no gradient. */
  readonly predicate: Tensor;
  readonly whenTrue: () => Tensor[];
  readonly whenFalse: () => Tensor[];
  /** Maps gradients of the results to those of the inputs. The kernel sets it where a tape records it. */
  backward?: Recorded;
}

/**
 * Registers the kernels of control flow in compiled functions. Core looks them up by name and runs them while a
 * function is traced. Their attributes are functions of tensors. All tensors that these functions use are inputs of the
 * kernel, so that a tape sees them.
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
