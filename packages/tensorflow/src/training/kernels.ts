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
  readonly learningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** Decoupled, as in AdamW; 0 for Adam. */
  readonly weightDecay: number;
  /** Counted from 1. */
  readonly step: number;
}

/** Attributes of `SgdUpdate`. */
export interface SgdUpdateAttributes {
  readonly learningRate: number;
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
  /** Which draw of this key it is; draws never overlap. */
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
    register<StatelessRandomAttributes>(name, ({ attributes, backend }) => {
      return [backend.takeOutput(statelessRandom(`${name}V2`, attributes, backend))];
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
 * Adam and AdamW (Kingma & Ba 2015, algorithm 1; Loshchilov & Hutter 2019, algorithm 2) in place. Inputs `parameter`,
 * `expAvg`, `expAvgSq` are variables, `gradient` a tensor, all of one shape.
 */
function adamUpdate({ inputs, attributes, backend }: Call<AdamUpdateAttributes>): [] {
  const { learningRate, beta1, beta2, epsilon, weightDecay, step } = attributes;
  const scalar = scalarsOf(backend);
  const parameter = resourceOf(backend, inputs, 'parameter');
  const gradient = backend.handleOf(backend.dataOf(inputs.gradient!.dataId));
  if (weightDecay !== 0) shrink(backend, inputs, 1 - learningRate * weightDecay);
  // TensorFlow adds ε to √v̂·√(1−β₂ᵗ), the paper to √v̂.
  const secondCorrection = Math.sqrt(1 - beta2 ** step);
  const handles = [
    parameter,
    resourceOf(backend, inputs, 'expAvg'),
    resourceOf(backend, inputs, 'expAvgSq'),
    scalar(beta1 ** step),
    scalar(beta2 ** step),
    scalar(learningRate),
    scalar(beta1),
    scalar(beta2),
    scalar(epsilon * secondCorrection),
    gradient,
  ];
  backend.operations.run('ResourceApplyAdam', [float, unlocked, noNesterov], handles, 0);
  return [];
}

const noNesterov: Attribute = { name: 'use_nesterov', type: AttributeType.bool, value: false };

/** Stochastic gradient descent with PyTorch's momentum, in place. Input `momentumBuffer` only where momentum is not 0. */
function sgdUpdate({ inputs, attributes, backend }: Call<SgdUpdateAttributes>): [] {
  const { learningRate, momentum, nesterov, weightDecay } = attributes;
  const { operations } = backend;
  const scalar = scalarsOf(backend);
  let gradient = backend.handleOf(backend.dataOf(inputs.gradient!.dataId));
  const temporary: number[] = [];
  const run = (name: string, attributeList: readonly Attribute[], handles: readonly number[]): number => {
    operations.run(name, attributeList, handles, 1);
    temporary.push(backend.adopt(operations.output(0)).id);
    return temporary.at(-1)!;
  };
  try {
    if (weightDecay !== 0) {
      const parameter = backend.handleOf(backend.dataOf(inputs.parameter!.dataId));
      gradient = run('AddV2', [float], [gradient, run('Mul', [float], [parameter, scalar(weightDecay)])]);
    }
    if (momentum === 0) {
      const handles = [resourceOf(backend, inputs, 'parameter'), scalar(learningRate), gradient];
      operations.run('ResourceApplyGradientDescent', [float, unlocked], handles, 0);
      return [];
    }
    // TensorFlow's momentum (v ← μv + g, θ ← θ − ηv; Nesterov θ ← θ − η(g + μv)) is PyTorch's.
    const handles = [
      resourceOf(backend, inputs, 'parameter'),
      resourceOf(backend, inputs, 'momentumBuffer'),
      scalar(learningRate),
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

/** θ ← factor·θ */
function shrink(backend: TensorFlowBackend, inputs: NamedTensorInfoMap, factor: number): void {
  const { operations } = backend;
  const data = backend.dataOf(inputs.parameter!.dataId);
  operations.run('Mul', [float], [backend.handleOf(data), scalarsOf(backend)(factor)], 1);
  const product = backend.adopt(operations.output(0)).id;
  const dtype = { name: 'dtype', type: AttributeType.type, value: DataType.float32 };
  operations.run('AssignVariableOp', [dtype], [resourceOf(backend, inputs, 'parameter'), product], 0);
  backend.deleteHandle(product);
}

/** The resource behind an input that is updated in place. */
function resourceOf(backend: TensorFlowBackend, inputs: NamedTensorInfoMap, name: string): number {
  const input = inputs[name];
  if (!(input instanceof Variable)) throw new TypeError(`in-place update: ${name} must be a variable`);
  return backend.writableResourceOf(input as Variable);
}

function statelessRandom(name: string, attributes: StatelessRandomAttributes, backend: TensorFlowBackend): number {
  const { operations } = backend;
  const { shape, seed, counter } = attributes;
  const key = BigUint64Array.of((BigInt(seed[0] >>> 0) << 32n) | BigInt(seed[1] >>> 0));
  const handles = [
    backend.createHandle([shape.length], DataType.int32, Int32Array.from(shape)),
    backend.createHandle([1], DataType.uint64, key),
    backend.createHandle([2], DataType.uint64, BigUint64Array.of(0n, BigInt(counter))),
    backend.createHandle([], DataType.int32, Int32Array.of(philox)),
  ];
  try {
    operations.run(name, [], handles, 1);
    return operations.output(0);
  } finally {
    handles.forEach((handle) => {
      backend.deleteHandle(handle);
    });
  }
}

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
