import type { StateDict } from '../nn/state-dict.ts';
import type { DemoInput } from './inputs.ts';
import type { DemoOutput } from './outputs.ts';

export type DemoInputs = Readonly<Record<string, DemoInput<unknown>>>;
export type DemoOutputs = Readonly<Record<string, DemoOutput<unknown>>>;

type ValueOf<Part> = Part extends { readonly value?: infer Value } ? Exclude<Value, undefined> : never;

/** Values of the controls by name. */
export type InputValues<Inputs extends DemoInputs> = { readonly [Name in keyof Inputs]: ValueOf<Inputs[Name]> };
/** Results by name. One that is left out keeps what it shows. */
export type OutputValues<Outputs extends DemoOutputs> = {
  readonly [Name in keyof Outputs]?: ValueOf<Outputs[Name]>;
};

export interface DemoRun<Outputs extends DemoOutputs> {
  /** Aborted where the values changed or the demo was left. */
  readonly signal: AbortSignal;
  /** Shows results before `run` ends, and lets the page take its messages. */
  readonly emit: (results: OutputValues<Outputs>) => Promise<void>;
}

/** Parts of a run that a demo is loaded from. */
export interface DemoRunData<Config> {
  /** Best checkpoint of the run. */
  readonly weights: StateDict;
  readonly config: Config;
  /** Content of each of the demo's `files`, by name. */
  readonly files: Readonly<Record<string, Uint8Array>>;
}

/** Controls and views of a trained network that a person can try in a browser. */
export interface Demo<Model, Inputs extends DemoInputs, Outputs extends DemoOutputs, Config> {
  readonly title: string;
  /** One or two sentences: what to do, what is seen. */
  readonly description?: string;
  /** Whether it runs at a button and not with each change, such as a training in the page. */
  readonly isStarted?: boolean;
  /** Controls; a function where they depend on the configuration or weights of the run, such as the columns of a table. */
  readonly inputs: Inputs | ((model: Model, config: Config) => Inputs | Promise<Inputs>);
  readonly outputs: Outputs;
  /** Files of the run's folder that `load` needs besides, such as a vocabulary: names without a folder. */
  readonly files?: readonly string[];
  /**
   * Makes the network of a run. The weights are disposed of afterwards. Throws a UserError where the run cannot be tried
   * here, in one line.
   */
  readonly load: (run: DemoRunData<Config>) => Model | Promise<Model>;
  readonly run: (
    model: Model,
    values: InputValues<Inputs>,
    context: DemoRun<Outputs>,
  ) => OutputValues<Outputs> | Promise<OutputValues<Outputs>>;
  readonly dispose?: (model: Model) => void;
}

/** Gives a demo its types. */
export function defineDemo<Model, const Inputs extends DemoInputs, Outputs extends DemoOutputs, Config = unknown>(
  demo: Demo<Model, Inputs, Outputs, Config>,
): Demo<Model, Inputs, Outputs, Config> {
  return demo;
}
