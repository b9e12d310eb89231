import * as tf from '@tensorflow/tfjs-core';
import type { Module } from '../nn/module.ts';
import { userLine, withDeepStacks } from './user-line.ts';

/** Record of one kernel run. */
interface Run {
  readonly kernel: string;
  /** Name of the module that ran the kernel; empty outside all modules. */
  readonly module: string;
  readonly stack: string | undefined;
  readonly inputs: readonly number[];
  /** Counts of NaN and of infinite values in the results, [2]. */
  readonly counts: tf.Tensor;
}

interface CountedRun extends Run {
  readonly nans: number;
  readonly infinities: number;
}

type Forward = (...values: unknown[]) => unknown;

/**
 * Runs the uncompiled `code` of a model, watches every kernel and finds the origin of the first non-finite value.
 * @returns description of the origin; undefined where all values are finite
 */
export async function firstNonFinite(model: Module, code: () => void): Promise<string | undefined> {
  const watch = new KernelWatch(model);
  try {
    watch.start();
    try {
      code();
    } finally {
      watch.stop();
    }
    return await watch.describeFirst();
  } finally {
    watch.dispose();
  }
}

class KernelWatch {
  readonly #modules: readonly (readonly [string, Module & { forward?: Forward }])[];
  readonly #runs: Run[] = [];
  /** Index of the run that made each tensor, by tensor id. */
  readonly #makers = new Map<number, number>();
  readonly #path: string[] = [];
  #isCounting = false;

  constructor(model: Module) {
    this.#modules = [...model.namedModules()];
  }

  start(): void {
    for (const [name, module] of this.#modules) {
      const forward = module.forward?.bind(module);
      if (forward === undefined) continue;
      // An own property shadows the method of the class; `stop` deletes it.
      module.forward = (...values) => {
        this.#path.push(name);
        try {
          return forward(...values);
        } finally {
          this.#path.pop();
        }
      };
    }
    const engine = tf.engine();
    const runKernel = engine.runKernel.bind(engine);
    const watched = (kernel: string, inputs: tf.NamedTensorMap, attributes?: tf.NamedAttrMap) => {
      const result = runKernel<tf.Tensor | tf.Tensor[]>(kernel, inputs, attributes);
      if (!this.#isCounting) this.#note(kernel, inputs, [result].flat());
      return result;
    };
    engine.runKernel = watched as typeof engine.runKernel;
  }

  stop(): void {
    delete (tf.engine() as Partial<Pick<ReturnType<typeof tf.engine>, 'runKernel'>>).runKernel;
    for (const [, module] of this.#modules) if (Object.hasOwn(module, 'forward')) delete module.forward;
  }

  async describeFirst(): Promise<string | undefined> {
    const runs: CountedRun[] = [];
    for (const run of this.#runs) {
      const [nans = 0, infinities = 0] = await run.counts.data();
      runs.push({ ...run, nans, infinities });
    }
    const inputsOf = (run: CountedRun): CountedRun[] => run.inputs.map((index) => runs[index]!);
    const nan = runs.find((run) => run.nans > 0 && inputsOf(run).every(({ nans }) => nans === 0));
    if (nan !== undefined) {
      let infinite = inputsOf(nan).find(({ infinities }) => infinities > 0);
      if (infinite === undefined) return `the first NaN is ${described(nan)}`;
      for (let before: CountedRun | undefined = infinite; before !== undefined;) {
        infinite = before;
        before = inputsOf(before).find(({ infinities }) => infinities > 0);
      }
      return `the first NaN is ${described(nan)}, from an infinite value that is ${described(infinite)}`;
    }
    const infinite = runs.find(
      (run) => run.infinities > 0 && inputsOf(run).every(({ infinities }) => infinities === 0),
    );
    return infinite && `the first infinite value is ${described(infinite)}`;
  }

  dispose(): void {
    tf.dispose(this.#runs.map(({ counts }) => counts));
  }

  #note(kernel: string, inputs: tf.NamedTensorMap, results: readonly tf.Tensor[]): void {
    const floats = results.filter(({ dtype, size }) => dtype === 'float32' && size > 0);
    if (floats.length === 0) return;
    this.#isCounting = true;
    const counts = tf.keep(tf.tidy(() => tf.addN(floats.map(countNonFinite))));
    this.#isCounting = false;
    const made = Object.values(inputs as Record<string, tf.Tensor | tf.Tensor[] | undefined>).flat();
    for (const { id } of results) this.#makers.set(id, this.#runs.length);
    this.#runs.push({
      kernel,
      module: this.#path.at(-1) ?? '',
      stack: withDeepStacks(() => new Error().stack),
      inputs: made.flatMap((input) => (input === undefined ? [] : (this.#makers.get(input.id) ?? []))),
      counts,
    });
  }
}

/** Counts of NaN and of infinite values, [2]. */
export function countNonFinite(values: tf.Tensor): tf.Tensor {
  const count = (isBad: tf.Tensor): tf.Tensor => tf.sum(tf.cast(isBad, 'float32'));
  return tf.tidy(() => tf.stack([count(tf.notEqual(values, values)), count(tf.equal(tf.abs(values), Infinity))]));
}

function described({ kernel, module, stack }: Run): string {
  const line = userLine(stack);
  return `in the activation of ${kernel}${module === '' ? '' : ` in "${module}"`}${line === undefined ? '' : ` at ${line}`}`;
}
