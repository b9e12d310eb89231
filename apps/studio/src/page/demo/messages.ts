import type { DemoInput, DemoOutput } from '@motley/core/demo';

/** Where a run's parts are fetched from: in the studio from its server, in an exported site from files. */
export interface DemoSource {
  readonly system: string;
  readonly config: unknown;
  /** Absolute address of the weights as safetensors. */
  readonly weights: string;
  /** Absolute address below which other files of the run lie, with a slash at its end. */
  readonly files: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** `auto` is WebGPU where the device is a real one, else WebAssembly. */
export type BackendWish = 'auto' | 'wasm';

export interface BackendInfo {
  readonly name: 'webgpu' | 'wasm';
  readonly title: string;
}

/** A control as the page draws it: without functions, which stay in the worker. */
export type InputDescription = Omit<DemoInput<unknown>, 'examples' | 'value'> & { readonly exampleCount: number };
export type OutputDescription = Omit<DemoOutput<unknown>, 'value'>;

export interface DemoDescription {
  readonly title: string;
  readonly description: string;
  readonly isStarted: boolean;
  readonly inputs: Readonly<Record<string, InputDescription>>;
  readonly outputs: Readonly<Record<string, OutputDescription>>;
  readonly backend: BackendInfo;
  /** Number of values of the weights that are learned. */
  readonly parameters: number;
}

export type Values = Readonly<Record<string, unknown>>;

export type ToWorker =
  | { readonly kind: 'load'; readonly source: DemoSource; readonly backend: BackendWish }
  /** `number` counts up; results carry it. A later run replaces an earlier one. `values` are those that changed. */
  | { readonly kind: 'run'; readonly number: number; readonly values: Values }
  | { readonly kind: 'stop' }
  | { readonly kind: 'example'; readonly input: string; readonly index: number };

export type FromWorker =
  | { readonly kind: 'loading'; readonly what: string }
  | { readonly kind: 'ready'; readonly demo: DemoDescription }
  | { readonly kind: 'example'; readonly input: string; readonly value: unknown }
  | { readonly kind: 'results'; readonly number: number; readonly results: Values }
  /** `tensors` is their number after the run, which a demo without leaks keeps the same. */
  | { readonly kind: 'ended'; readonly number: number; readonly milliseconds: number; readonly tensors: number }
  | { readonly kind: 'failed'; readonly stage: 'load' | 'run' | 'example'; readonly message: string };
