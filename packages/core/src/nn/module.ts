import * as tf from '@tensorflow/tfjs-core';
import { checkStateDict, copyInto, type StateDict } from './state-dict.ts';

/** Variable and its place in the module tree. */
interface Slot {
  readonly name: string;
  readonly variable: tf.Variable;
  /** Permutation from stored axes to PyTorch's order; undefined where both agree. */
  readonly axes: readonly number[] | undefined;
}

/** Variables by dotted name (`encoder.0.weight`), in field order, each once: under its first name. */
export type NamedVariables = ReadonlyMap<string, tf.Variable>;

/**
 * Base class of layers and models. Its parameters are the fields that hold trainable `tf.Variable`s; its buffers are
 * the other variables. Its children are the fields that hold modules or arrays of modules. Names match PyTorch's for
 * the same tree.
 */
export abstract class Module {
  /** Whether the module is in training mode. False disables dropout and the like. */
  training = true;

  /** Children by name. A container that does not keep its children in fields overrides it. */
  protected children(): Iterable<readonly [name: string, child: Module]> {
    return Object.entries(this).flatMap(([field, value]: [string, unknown]) => {
      if (value instanceof Module) return [[field, value] as const];
      if (!Array.isArray(value)) return [];
      return value.flatMap((item: unknown, index) =>
        item instanceof Module ? [[`${field}.${index}`, item] as const] : [],
      );
    });
  }

  /**
   * For variables that PyTorch stores in another axis order: field → permutation to PyTorch's order, as for
   * `tf.transpose`.
   */
  protected axesInPyTorch(): Readonly<Record<string, readonly number[]>> {
    return {};
  }

  /** Trainable variables of this module and its descendants. A variable that several layers share comes once. */
  namedParameters(): NamedVariables {
    return this.#variables(true);
  }

  /** Variables that are saved but not trained, such as running statistics. */
  namedBuffers(): NamedVariables {
    return this.#variables(false);
  }

  /** All descendants by dotted name (`encoder.0`), parents before children, each once: under its first name. */
  *namedModules(prefix = '', seen = new Set<Module>()): Generator<readonly [name: string, module: Module]> {
    for (const [name, child] of this.children()) {
      if (seen.has(child)) continue;
      seen.add(child);
      yield [prefix + name, child];
      yield* child.namedModules(`${prefix}${name}.`, seen);
    }
  }

  /** Number of trainable values. */
  parameterCount(): number {
    return [...this.namedParameters().values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Sets `training` on this module and its descendants. Returns the module. */
  train(training = true): this {
    this.training = training;
    for (const [, child] of this.children()) child.train(training);
    return this;
  }

  /** Sets `training` to false on this module and its descendants. Returns the module. */
  eval(): this {
    return this.train(false);
  }

  /**
   * Parameters and buffers, with PyTorch's names and layouts, a shared variable under each of its names. The caller
   * disposes of the tensors. They may share memory with the variables, so use them before the next update.
   */
  stateDict(): Record<string, tf.Tensor> {
    const entries = [...this.#slots('')].map(({ name, variable, axes }) => [
      name,
      axes === undefined ? tf.clone(variable) : tf.transpose(variable, [...axes]),
    ]);
    return Object.fromEntries(entries) as Record<string, tf.Tensor>;
  }

  /**
   * Copies parameters and buffers from a state dict with PyTorch's names and layouts. On an error nothing changes. The
   * caller keeps ownership of the tensors.
   * @throws StateDictError naming a tensor that is missing, unexpected or of another shape or dtype
   */
  loadStateDict(state: StateDict): void {
    const slots = [...this.#slots('')];
    const inPyTorch = slots.map(({ name, variable: { shape, dtype }, axes }) => {
      return [name, { shape: axes === undefined ? shape : axes.map((axis) => shape[axis]!), dtype }] as const;
    });
    checkStateDict(state, new Map(inPyTorch));
    for (const { name, variable, axes } of slots) {
      tf.tidy(() => {
        copyInto(variable, axes === undefined ? state[name]! : tf.transpose(state[name]!, inverse(axes)));
      });
    }
  }

  /** Frees all variables of this module and its descendants. */
  dispose(): void {
    for (const { variable } of this.#slots('')) variable.dispose();
  }

  #variables(trainable: boolean): NamedVariables {
    const names = new Map<tf.Variable, string>();
    for (const { name, variable } of this.#slots(''))
      if (variable.trainable === trainable && !names.has(variable)) names.set(variable, name);
    return new Map([...names].map(([variable, name]) => [name, variable]));
  }

  *#slots(prefix: string): Generator<Slot> {
    const axes = this.axesInPyTorch();
    for (const [field, value] of Object.entries(this) as [string, unknown][])
      if (value instanceof tf.Variable)
        yield { name: prefix + field, variable: value as tf.Variable, axes: axes[field] };
    for (const [name, child] of this.children()) yield* child.#slots(`${prefix}${name}.`);
  }
}

/** Module that maps one tensor to one tensor, as `Sequential` chains them. */
export interface Layer {
  forward(input: tf.Tensor): tf.Tensor;
}

function inverse(axes: readonly number[]): number[] {
  return axes.map((_, axis) => axes.indexOf(axis));
}
