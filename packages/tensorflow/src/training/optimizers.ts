import { type Tensor, type TensorInfo, Variable } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { DataType } from '../c-api/types.ts';
import { booleanAttribute, typeAttribute } from '../kernels/attributes.ts';
import { type Call, define } from '../kernels/kernel.ts';
import { NativeScope } from '../kernels/native.ts';

/** Attributes of `AdamUpdate`. */
export interface AdamUpdateAttributes {
  readonly beta1: number;
  readonly beta2: number;
}

interface AdamUpdateInputs {
  readonly parameter: TensorInfo;
  readonly expAvg: TensorInfo;
  readonly expAvgSq: TensorInfo;
  readonly gradient: TensorInfo;
  readonly stepSize: TensorInfo;
  readonly epsilon: TensorInfo;
  readonly decay?: TensorInfo;
}

/** Attributes of `SgdUpdate`. */
export interface SgdUpdateAttributes {
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Factor of the parameter that is added to the gradient, as in PyTorch's SGD. */
  readonly weightDecay: number;
}

interface SgdUpdateInputs {
  readonly parameter: TensorInfo;
  readonly gradient: TensorInfo;
  readonly learningRate: TensorInfo;
  readonly momentumBuffer?: TensorInfo;
}

const FLOAT_TYPE = typeAttribute('T', DataType.float32);
const NO_LOCKING = booleanAttribute('use_locking', false);

/**
 * Registers optimizers that update a variable in place. Core looks them up by name, and composes them of small
 * operations on other backends.
 */
export function registerOptimizerKernels(): void {
  define<AdamUpdateInputs, AdamUpdateAttributes>('AdamUpdate', (call) => adamUpdate(call));
  define<SgdUpdateInputs, SgdUpdateAttributes>('SgdUpdate', (call) => sgdUpdate(call));
}

/**
 * Adam and AdamW (Kingma & Ba 2015, algorithm 1, in the form of its section 2; Loshchilov & Hutter 2019, algorithm 2) in
 * place: θ ← θ·decay − stepSize · m / (√v + ε̂). Inputs: variables `parameter`, `expAvg`, `expAvgSq` and tensor
 * `gradient`, all of one shape; scalars `stepSize` = α √(1 − β₂ᵗ) / (1 − β₁ᵗ), `epsilon` = ε √(1 − β₂ᵗ) and, for AdamW,
 * `decay`.
 */
function adamUpdate({ inputs, attributes, backend }: Call<AdamUpdateInputs, AdamUpdateAttributes>): Tensor[] {
  const { parameter, expAvg, expAvgSq, gradient, stepSize, epsilon, decay } = inputs;
  return NativeScope.run(backend, (scope) => {
    const scalar = (value: number) => scope.constant([], DataType.float32, [value]);
    if (decay !== undefined) {
      const [shrunk = 0] = scope.execute('Mul', [FLOAT_TYPE], [scope.handleOf(parameter), scope.handleOf(decay)], 1);
      const dtype = typeAttribute('dtype', DataType.float32);
      scope.execute('AssignVariableOp', [dtype], [resourceOf(backend, parameter), shrunk], 0);
    }
    const handles = [
      resourceOf(backend, parameter),
      resourceOf(backend, expAvg),
      resourceOf(backend, expAvgSq),
      // The step size contains the bias correction: TensorFlow would compute 1 − β₂ᵗ in float32, which loses digits.
      scalar(0),
      scalar(0),
      scope.handleOf(stepSize),
      scalar(attributes.beta1),
      scalar(attributes.beta2),
      scope.handleOf(epsilon),
      scope.handleOf(gradient),
    ];
    scope.execute('ResourceApplyAdam', [FLOAT_TYPE, NO_LOCKING, booleanAttribute('use_nesterov', false)], handles, 0);
    return [];
  });
}

/**
 * Stochastic gradient descent with PyTorch's momentum, in place. Inputs: variable `parameter`, tensor `gradient`, scalar
 * `learningRate`, and variable `momentumBuffer` where momentum is not 0.
 */
function sgdUpdate({ inputs, attributes, backend }: Call<SgdUpdateInputs, SgdUpdateAttributes>): Tensor[] {
  const { momentum, nesterov, weightDecay } = attributes;
  return NativeScope.run(backend, (scope) => {
    const scalar = (value: number) => scope.constant([], DataType.float32, [value]);
    const learningRate = scope.handleOf(inputs.learningRate);
    const descend = (resource: number, rate: number, direction: number) => {
      scope.execute('ResourceApplyGradientDescent', [FLOAT_TYPE, NO_LOCKING], [resource, rate, direction], 0);
    };
    const momentumBuffer = inputs.momentumBuffer === undefined ? undefined : resourceOf(backend, inputs.momentumBuffer);
    let gradient = scope.handleOf(inputs.gradient);
    if (weightDecay !== 0) {
      if (momentumBuffer !== undefined && !nesterov) {
        // μ (v + λ/μ θ) + g = μv + (g + λθ): in place, without a temporary of the parameter's size.
        descend(momentumBuffer, scalar(-weightDecay / momentum), scope.handleOf(inputs.parameter));
      } else {
        const penalty = [scope.handleOf(inputs.parameter), scalar(weightDecay)];
        gradient = scope.execute(
          'AddV2',
          [FLOAT_TYPE],
          [gradient, ...scope.execute('Mul', [FLOAT_TYPE], penalty, 1)],
          1,
        )[0]!;
      }
    }
    const parameter = resourceOf(backend, inputs.parameter); // after the last read of its value
    if (momentumBuffer === undefined) {
      descend(parameter, learningRate, gradient);
      return [];
    }
    // TensorFlow's momentum (v ← μv + g, θ ← θ − ηv; Nesterov θ ← θ − η(g + μv)) is PyTorch's.
    const handles = [parameter, momentumBuffer, learningRate, gradient, scalar(momentum)];
    scope.execute(
      'ResourceApplyMomentum',
      [FLOAT_TYPE, NO_LOCKING, booleanAttribute('use_nesterov', nesterov)],
      handles,
      0,
    );
    return [];
  });
}

/** The resource of an input that is updated in place. */
function resourceOf(backend: TensorFlowBackend, input: TensorInfo): number {
  if (!(input instanceof Variable)) throw new TypeError('in-place update: expected a variable, got a tensor');
  return backend.writableResourceOf(input as Variable);
}
