import * as tf from '@tensorflow/tfjs-core';
import { checkStateDict, copyInto, type StateDict } from './state-dict.ts';

/** A variable and where it hangs in the tree of modules. */
interface Slot {
  readonly name: string;
  readonly variable: tf.Variable;
  /** Axes of the stored value in PyTorch's order; absent where both agree. */
  readonly axes: readonly number[] | undefined;
}

/** Variables by dotted names (`encoder.0.weight`), in the order of the fields. */
export type NamedVariables = ReadonlyMap<string, tf.Variable>;

/**
 * Base class of layers and models. Parameters are the trainable `tf.Variable`s among its fields, buffers the other
 * variables. Fields that are modules, or arrays of modules, are its children. Names match PyTorch's for the same tree.
 */
export abstract class Module {
  /** Training mode. False turns dropout and similar layers off. */
  training = true;

  /** Children by name. A container whose children are not fields overrides it. */
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
   * Variables that PyTorch stores with another axis order: field → stored axes in PyTorch's order, as for
   * `tf.transpose`.
   */
  protected axesInPyTorch(): Readonly<Record<string, readonly number[]>> {
    return {};
  }

  /** Trainable variables of this module and all below. */
  namedParameters(): NamedVariables {
    return this.#variables(true);
  }

  /** Variables that are saved and not trained. */
  namedBuffers(): NamedVariables {
    return this.#variables(false);
  }

  /** Every module below, by dotted names (`encoder.0`), each before those below it. */
  *namedModules(prefix = ''): Generator<readonly [name: string, module: Module]> {
    for (const [name, child] of this.children()) {
      yield [prefix + name, child];
      yield* child.namedModules(`${prefix}${name}.`);
    }
  }

  /** Number of trained values. */
  parameterCount(): number {
    return [...this.namedParameters().values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Sets `training` here and below; returns the module. */
  train(training = true): this {
    this.training = training;
    for (const [, child] of this.children()) child.train(training);
    return this;
  }

  /** Sets `training` to false here and below; returns the module. */
  eval(): this {
    return this.train(false);
  }

  /**
   * Parameters and buffers in PyTorch's names and layouts. The caller disposes of the tensors; they may share memory
   * with the variables, so use them before the next update.
   */
  stateDict(): Record<string, tf.Tensor> {
    const entries = [...this.#slots('')].map(({ name, variable, axes }) => [
      name,
      axes === undefined ? tf.clone(variable) : tf.transpose(variable, [...axes]),
    ]);
    return Object.fromEntries(entries) as Record<string, tf.Tensor>;
  }

  /**
   * Takes over values in PyTorch's names and layouts; all or nothing. The tensors stay the caller's.
   * @throws StateDictError naming the tensor that is missing, unexpected or of another shape or dtype.
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

  /** Frees every variable. */
  dispose(): void {
    for (const { variable } of this.#slots('')) variable.dispose();
  }

  #variables(trainable: boolean): NamedVariables {
    const slots = [...this.#slots('')].filter(({ variable }) => variable.trainable === trainable);
    return new Map(slots.map(({ name, variable }) => [name, variable]));
  }

  *#slots(prefix: string): Generator<Slot> {
    const axes = this.axesInPyTorch();
    for (const [field, value] of Object.entries(this) as [string, unknown][])
      if (value instanceof tf.Variable)
        yield { name: prefix + field, variable: value as tf.Variable, axes: axes[field] };
    for (const [name, child] of this.children()) yield* child.#slots(`${prefix}${name}.`);
  }
}

/** A module from one tensor to another, as `Sequential` strings them. */
export interface Layer {
  forward(input: tf.Tensor): tf.Tensor;
}

function inverse(axes: readonly number[]): number[] {
  return axes.map((_, axis) => axes.indexOf(axis));
}
