import { engine, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import type { TensorFlowBackend } from '../backend/backend.ts';
import type { TensorData } from '../backend/tensor-data.ts';
import { AttributeType } from '../c-api/attributes.ts';
import type { Capture } from './tracer.ts';

interface Held {
  readonly variable: Variable;
  readonly data: TensorData;
  /** Keeps the resource alive even if the variable is disposed. */
  readonly alias: Tensor;
  /**
   * Handle of the value before the call; 0 where it is not kept. It shares the variable's memory, so TensorFlow updates
   * a copy.
   */
  readonly before: number;
}

/** Locks the variables of an asynchronous call until it ends, and restores them if it fails. */
export class HeldVariables {
  /** A promise for each running call; it settles when the call ends. */
  static readonly #underWay = new Set<Promise<void>>();
  readonly #backend: TensorFlowBackend;
  readonly #held: readonly Held[];
  readonly #release: () => void;

  /**
   * Locks the variables among `captures`. Their resources must exist.
   *
   * @param remembers whether `restore` may be called
   */
  constructor(backend: TensorFlowBackend, captures: readonly Capture[], remembers: boolean) {
    this.#backend = backend;
    let resolve: () => void;
    const released = new Promise<void>((settle) => (resolve = settle));
    HeldVariables.#underWay.add(released);
    this.#release = () => {
      HeldVariables.#underWay.delete(released);
      resolve();
    };
    this.#held = captures.flatMap((capture) => {
      if (capture.kind === 'tensor') return [];
      const { variable, isWritten } = capture;
      const data = backend.dataOf(variable.dataId);
      const before = remembers && isWritten ? this.#read(data) : 0;
      data.lock = { released, isWritten };
      return [{ variable, data, alias: engine().keep(variable.clone()), before }];
    });
  }

  /** Settles when a call ends that holds one of the variables among `captures`; undefined where they are free. */
  static released(backend: TensorFlowBackend, captures: readonly Capture[]): Promise<void> | undefined {
    for (const capture of captures) {
      if (capture.kind !== 'variable' || capture.variable.isDisposed) continue;
      const { lock } = backend.dataOf(capture.variable.dataId);
      if (lock !== undefined) return lock.released;
    }
    return undefined;
  }

  /** Settles when one of the running calls ends; undefined where none runs. */
  static get nextEnd(): Promise<void> | undefined {
    return HeldVariables.#underWay.size === 0 ? undefined : Promise.race(HeldVariables.#underWay);
  }

  /** Gives the variables the values that they had before the call. */
  restore(): void {
    const { executor } = this.#backend.runtime;
    for (const { data, before } of this.#held) {
      const type = { name: 'dtype', type: AttributeType.type, value: data.dataType };
      if (before !== 0) executor.run('AssignVariableOp', [type], [data.resource, before], 0);
    }
  }

  /** Unlocks the variables. @throws Error where a variable that the call updated was assigned meanwhile */
  end(): void {
    const assigned = this.#held.find(
      ({ variable, data }) => data.lock!.isWritten && !variable.isDisposed && variable.dataId !== data,
    );
    for (const { data, alias, before } of this.#held) {
      data.lock = undefined;
      if (before !== 0) this.#backend.deleteHandle(before);
      alias.dispose();
    }
    this.#release();
    if (assigned !== undefined) {
      throw new Error(
        `variable ${assigned.variable.name} was assigned while an asynchronous call updated it: await that call first`,
      );
    }
  }

  #read(data: TensorData): number {
    const { executor } = this.#backend.runtime;
    executor.run(
      'ReadVariableOp',
      [{ name: 'dtype', type: AttributeType.type, value: data.dataType }],
      [data.resource],
      1,
    );
    return this.#backend.adopt(executor.output(0)).id;
  }
}
