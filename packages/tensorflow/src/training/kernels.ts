import {
  type KernelConfig,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  registerKernel,
  Variable,
} from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import { type Attribute, AttributeType } from '../c-api/attributes.ts';
import { DataType } from '../c-api/types.ts';

/** Attributes of `AdamUpdate`. */
export interface AdamUpdateAttributes {
  readonly beta1: number;
  readonly beta2: number;
}

/** Attributes of `SgdUpdate`. */
export interface SgdUpdateAttributes {
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Added to the gradient, as in PyTorch's SGD. */
  readonly weightDecay: number;
}

/** Attributes of `StatelessRandomNormal` and `StatelessRandomUniform`. */
export interface StatelessRandomAttributes {
  readonly shape: readonly number[];
  /** Two int32 words: the key of the Philox generator. */
  readonly seed: readonly [number, number];
  /** Which draw of this key it is; with another counter, draws never overlap. */
  readonly counter: number;
}

interface Call<A> {
  readonly inputs: NamedTensorInfoMap;
  readonly attributes: A;
  readonly backend: TensorFlowBackend;
}

const float: Attribute = { name: 'T', type: AttributeType.type, value: DataType.float32 };
const unlocked: Attribute = { name: 'use_locking', type: AttributeType.bool, value: false };

/**
 * The operations of a training step that tfjs has no kernel for: optimisers that update a variable where it lies, and
 * random numbers drawn on the device. Core looks them up by name and composes them elsewhere.
 */
export function registerTrainingKernels(): void {
  register<AdamUpdateAttributes>('AdamUpdate', adamUpdate);
  register<SgdUpdateAttributes>('SgdUpdate', sgdUpdate);
  for (const name of ['StatelessRandomNormal', 'StatelessRandomUniform']) {
    register<StatelessRandomAttributes>(name, (call) => {
      return [call.backend.takeOutput(statelessRandom(`${name}V2`, call))];
    });
  }
}

function register<A>(
  kernelName: string,
  kernel: (call: Call<A>) => ReturnType<TensorFlowBackend['takeOutput']>[],
): void {
  const config: KernelConfig = {
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs, backend }) =>
      kernel({ inputs, attributes: attrs as NamedAttrMap & A, backend: backend as TensorFlowBackend }),
  };
  registerKernel(config);
}

/**
 * Adam and AdamW (Kingma & Ba 2015, algorithm 1, in the form of its section 2; Loshchilov & Hutter 2019, algorithm 2) in
 * place: θ ← θ·decay − stepSize · m / (√v + ε̂). Inputs: variables `parameter`, `expAvg`, `expAvgSq` and tensor
 * `gradient`, all of one shape; scalars `stepSize` = α √(1 − β₂ᵗ) / (1 − β₁ᵗ), `epsilon` = ε √(1 − β₂ᵗ) and, for AdamW,
 * `decay`.
 */
function adamUpdate({ inputs, attributes, backend }: Call<AdamUpdateAttributes>): [] {
  const scalar = scalarsOf(backend);
  const handle = (name: string) => handleOf(backend, inputs, name);
  if (inputs.decay !== undefined) shrink(backend, inputs);
  const handles = [
    resourceOf(backend, inputs, 'parameter'),
    resourceOf(backend, inputs, 'expAvg'),
    resourceOf(backend, inputs, 'expAvgSq'),
    // TensorFlow would correct the bias in float32, where 1 − β₂ᵗ loses digits: it is in the step size.
    scalar(0),
    scalar(0),
    handle('stepSize'),
    scalar(attributes.beta1),
    scalar(attributes.beta2),
    handle('epsilon'),
    handle('gradient'),
  ];
  backend.operations.run('ResourceApplyAdam', [float, unlocked, noNesterov], handles, 0);
  return [];
}

const noNesterov: Attribute = { name: 'use_nesterov', type: AttributeType.bool, value: false };

/**
 * Stochastic gradient descent with PyTorch's momentum, in place. Inputs: variable `parameter`, tensor `gradient`, scalar
 * `learningRate`, and variable `momentumBuffer` where momentum is not 0.
 */
function sgdUpdate({ inputs, attributes, backend }: Call<SgdUpdateAttributes>): [] {
  const { momentum, nesterov, weightDecay } = attributes;
  const learningRate = handleOf(backend, inputs, 'learningRate');
  const { operations } = backend;
  const scalar = scalarsOf(backend);
  let gradient = handleOf(backend, inputs, 'gradient');
  const temporary: number[] = [];
  const run = (name: string, attributeList: readonly Attribute[], handles: readonly number[]): number => {
    operations.run(name, attributeList, handles, 1);
    temporary.push(backend.adopt(operations.output(0)).id);
    return temporary.at(-1)!;
  };
  try {
    if (weightDecay !== 0) {
      const parameter = handleOf(backend, inputs, 'parameter');
      gradient = run('AddV2', [float], [gradient, run('Mul', [float], [parameter, scalar(weightDecay)])]);
    }
    if (momentum === 0) {
      const handles = [resourceOf(backend, inputs, 'parameter'), learningRate, gradient];
      operations.run('ResourceApplyGradientDescent', [float, unlocked], handles, 0);
      return [];
    }
    // TensorFlow's momentum (v ← μv + g, θ ← θ − ηv; Nesterov θ ← θ − η(g + μv)) is PyTorch's.
    const handles = [
      resourceOf(backend, inputs, 'parameter'),
      resourceOf(backend, inputs, 'momentumBuffer'),
      learningRate,
      gradient,
      scalar(momentum),
    ];
    const useNesterov = { name: 'use_nesterov', type: AttributeType.bool, value: nesterov };
    operations.run('ResourceApplyMomentum', [float, unlocked, useNesterov], handles, 0);
    return [];
  } finally {
    temporary.forEach((handle) => {
      backend.deleteHandle(handle);
    });
  }
}

/** θ ← decay·θ */
function shrink(backend: TensorFlowBackend, inputs: NamedTensorInfoMap): void {
  const { operations } = backend;
  operations.run('Mul', [float], [handleOf(backend, inputs, 'parameter'), handleOf(backend, inputs, 'decay')], 1);
  const product = backend.adopt(operations.output(0)).id;
  const dtype = { name: 'dtype', type: AttributeType.type, value: DataType.float32 };
  operations.run('AssignVariableOp', [dtype], [resourceOf(backend, inputs, 'parameter'), product], 0);
  backend.deleteHandle(product);
}

function handleOf(backend: TensorFlowBackend, inputs: NamedTensorInfoMap, name: string): number {
  return backend.handleOf(backend.dataOf(inputs[name]!.dataId));
}

/** The resource behind an input that is updated in place. */
function resourceOf(backend: TensorFlowBackend, inputs: NamedTensorInfoMap, name: string): number {
  const input = inputs[name];
  if (!(input instanceof Variable)) throw new TypeError(`in-place update: ${name} must be a variable`);
  return backend.writableResourceOf(input as Variable);
}

/** Draws of a key, numbered by `counter` and, where the optional int32 scalar `step` is an input, by it. */
function statelessRandom(name: string, { inputs, attributes, backend }: Call<StatelessRandomAttributes>): number {
  const { operations } = backend;
  const { shape, seed, counter } = attributes;
  const key = BigUint64Array.of((BigInt(seed[0] >>> 0) << 32n) | BigInt(seed[1] >>> 0));
  const made = [
    backend.createHandle([shape.length], DataType.int32, Int32Array.from(shape)),
    backend.createHandle([1], DataType.uint64, key),
    backend.createHandle([], DataType.int32, Int32Array.of(philox)),
  ];
  const run = (operation: string, attributeList: readonly Attribute[], handles: readonly number[]): number => {
    operations.run(operation, attributeList, handles, 1);
    made.push(backend.adopt(operations.output(0)).id);
    return made.at(-1)!;
  };
  const counterHandle = (): number => {
    if (inputs.step === undefined) {
      made.push(backend.createHandle([2], DataType.uint64, BigUint64Array.of(0n, BigInt(counter))));
      return made.at(-1)!;
    }
    // Low word: the draw and the blocks within it; high word: the step.
    made.push(backend.createHandle([], DataType.uint64, BigUint64Array.of(BigInt(counter) << 40n)));
    const draw = made.at(-1)!;
    const step = run(
      'Cast',
      [type('SrcT', DataType.int32), type('DstT', DataType.uint64)],
      [handleOf(backend, inputs, 'step')],
    );
    return run('Pack', [count('N', 2), type('T', DataType.uint64), count('axis', 0)], [draw, step]);
  };
  try {
    operations.run(name, [], [made[0]!, made[1]!, counterHandle(), made[2]!], 1);
    return operations.output(0);
  } finally {
    made.forEach((handle) => {
      backend.deleteHandle(handle);
    });
  }
}

const type = (name: string, value: number): Attribute => ({ name, type: AttributeType.type, value });
const count = (name: string, value: number): Attribute => ({ name, type: AttributeType.int, value });

/** `RNG_ALG_PHILOX` (tensorflow/core/framework/rng_alg.h). */
const philox = 1;

const maximumScalars = 64;
const scalarCaches = new WeakMap<TensorFlowBackend, Map<number, number>>();

/** Scalars by value: all parameters of a step share theirs. In a trace they are constants of the graph. */
function scalarsOf(backend: TensorFlowBackend): (value: number) => number {
  const make = (value: number) => backend.createHandle([], DataType.float32, Float32Array.of(value));
  if (backend.isTracing) return make;
  let scalars = scalarCaches.get(backend);
  if (scalars === undefined) scalarCaches.set(backend, (scalars = new Map<number, number>()));
  const cache = scalars;
  return (value) => {
    let handle = cache.get(value);
    if (handle === undefined) {
      if (cache.size >= maximumScalars) {
        const [oldest, oldHandle] = cache.entries().next().value!;
        backend.deleteHandle(oldHandle);
        cache.delete(oldest);
      }
      cache.set(value, (handle = make(value)));
    }
    return handle;
  };
}
