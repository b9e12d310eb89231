import { type Attribute, AttributeSetter } from './attributes.ts';
import type { CApi } from './declarations.ts';
import { Scratch, cString } from './memory.ts';
import { Status } from './status.ts';
import { type Pointer, StatusCode } from './types.ts';

/** An operation with its attributes. They are set once on an operation that never runs; every call copies them. */
export interface PreparedOperation {
  readonly name: string;
  readonly nativeName: Pointer;
  readonly attributes: readonly Attribute[];
  readonly operation: Pointer;
  readonly nativeAttributes: Pointer;
}

interface OperationKind {
  /** The name as a C string. */
  readonly name: Pointer;
  readonly prepared: PreparedOperation[];
}

/** Outputs that there is memory for at first. It grows with an operation of more. */
const INITIAL_OUTPUTS = 256;
/** Prepared operations kept per name, so that attributes that differ on every call (a seed, a shape) do not pile up. */
const MAXIMUM_PREPARED = 32;

/** Runs single operations. One native operation object is reused for all of them, so that a call allocates nothing. */
export class Executor {
  readonly #api: CApi;
  readonly #status: Status;
  readonly #context: Pointer;
  readonly #attributes: AttributeSetter;
  readonly #kinds = new Map<string, OperationKind>();
  readonly #operation: Pointer;
  #outputs = new Scratch(INITIAL_OUTPUTS);
  readonly #outputCount = new Scratch(1);
  /** Unused memory for asynchronous calls: the number of outputs, then the outputs. */
  readonly #idle: Scratch[] = [];
  readonly #deviceNames = new Map<string, Pointer>();
  #device: Pointer | null = null;
  #isClosed = false;

  constructor(api: CApi, status: Status, context: Pointer) {
    this.#api = api;
    this.#status = status;
    this.#context = context;
    this.#attributes = new AttributeSetter(api, status, 'eager');
    this.#operation = api.TFE_NewOp(context, 'NoOp', status.pointer);
    status.check('NoOp');
  }

  /** Places the operations that `body` runs on `device` (`/device:CPU:1`). */
  withDevice<T>(device: string, body: () => T): T {
    const previous = this.#device;
    let name = this.#deviceNames.get(device);
    if (name === undefined) this.#deviceNames.set(device, (name = cString(device)));
    this.#device = name;
    try {
      return body();
    } finally {
      this.#device = previous;
    }
  }

  /**
   * Runs an operation. Its results are read with `output` before the next call.
   *
   * @param inputs tensor handles, lists flattened
   * @param outputs the largest possible number of results
   * @returns the number of results
   * @throws TensorFlowError with the operation's name
   */
  run(name: string, attributes: readonly Attribute[], inputs: readonly Pointer[], outputs: number): number {
    return this.runPrepared(this.#find(name, attributes), inputs, outputs);
  }

  /** Does the same as `run`, with prepared attributes. */
  runPrepared(prepared: PreparedOperation, inputs: readonly Pointer[], outputs: number): number {
    const api = this.#api;
    const status = this.#status;
    const operation = this.#operation;
    const { name, nativeName, nativeAttributes } = prepared;
    this.#outputs = withRoom(this.#outputs, outputs);
    api.TFE_OpReset(operation, nativeName, this.#device, status.pointer);
    status.check(name);
    api.TFE_OpAddAttrs(operation, nativeAttributes);
    for (const input of inputs) api.TFE_OpAddInput(operation, input, status.pointer);
    status.check(name);
    this.#outputCount.setInteger(0, outputs);
    api.TFE_Execute(operation, this.#outputs.pointer, this.#outputCount.pointer, status.pointer);
    status.check(name);
    return this.#outputCount.integer(0);
  }

  /**
   * Does the same as `runPrepared`, on a thread of libuv's pool. When `signal` aborts, TensorFlow starts no further
   * operation of a function and waits for the running ones. Their updates stay.
   *
   * @returns the results' handles, which the caller owns
   * @throws the signal's reason where it ended the call; TensorFlowError with the operation's name
   */
  async runPreparedAsync(
    { name, nativeName, nativeAttributes }: PreparedOperation,
    inputs: readonly Pointer[],
    outputs: number,
    signal?: AbortSignal,
  ): Promise<number[]> {
    const api = this.#api;
    signal?.throwIfAborted();
    const status = new Status(api);
    const memory = withRoom(this.#idle.pop() ?? new Scratch(1 + INITIAL_OUTPUTS), 1 + outputs);
    const operation = api.TFE_NewOp(this.#context, name, status.pointer);
    const manager = signal === undefined ? undefined : api.TFE_NewCancellationManager();
    const cancel = () => {
      api.TFE_CancellationManagerStartCancel(manager!);
    };
    try {
      api.TFE_OpReset(operation, nativeName, this.#device, status.pointer);
      status.check(name);
      api.TFE_OpAddAttrs(operation, nativeAttributes);
      for (const input of inputs) api.TFE_OpAddInput(operation, input, status.pointer);
      if (manager !== undefined) api.TFE_OpSetCancellationManager(operation, manager, status.pointer);
      status.check(name);
      memory.setInteger(0, outputs);
      signal?.addEventListener('abort', cancel);
      await new Promise<void>((resolve, reject) => {
        const results = Number(memory.pointer) + 8;
        api.TFE_Execute.async(operation, results, memory.pointer, status.pointer, (error) => {
          if (error === null) resolve();
          else reject(error);
        });
      });
      if (api.TF_GetCode(status.pointer) !== StatusCode.ok) signal?.throwIfAborted();
      status.check(name);
      return Array.from({ length: memory.integer(0) }, (_, index) => memory.address(1 + index));
    } finally {
      signal?.removeEventListener('abort', cancel);
      api.TFE_DeleteOp(operation);
      if (manager !== undefined) api.TFE_DeleteCancellationManager(manager);
      this.#idle.push(memory);
      status.dispose();
    }
  }

  /** The handle of result `index` of the last operation; the caller owns it. */
  output(index: number): number {
    return this.#outputs.address(index);
  }

  /** Sets an operation's attributes once for many calls. The caller frees it with `dispose`. */
  prepare(name: string, attributes: readonly Attribute[]): PreparedOperation {
    if (this.#isClosed) throw new Error(`${name}: expected an open TensorFlow, but its backend was removed`);
    const operation = this.#api.TFE_NewOp(this.#context, name, this.#status.pointer);
    this.#status.check(name);
    this.#attributes.setAll(operation, name, attributes);
    return {
      name,
      nativeName: this.#kindOf(name).name,
      attributes: attributes.map(copyAttribute),
      operation,
      nativeAttributes: this.#api.TFE_OpGetAttrs(operation),
    };
  }

  dispose(prepared: PreparedOperation): void {
    this.#api.TFE_DeleteOp(prepared.operation);
  }

  close(): void {
    this.#isClosed = true;
    for (const { prepared } of this.#kinds.values()) {
      for (const each of prepared) this.dispose(each);
    }
    this.#kinds.clear();
    this.#api.TFE_DeleteOp(this.#operation);
  }

  #kindOf(name: string): OperationKind {
    let kind = this.#kinds.get(name);
    if (kind === undefined) this.#kinds.set(name, (kind = { name: cString(name), prepared: [] }));
    return kind;
  }

  #find(name: string, attributes: readonly Attribute[]): PreparedOperation {
    const { prepared } = this.#kindOf(name);
    for (const each of prepared) if (sameAttributes(each.attributes, attributes)) return each;
    const added = this.prepare(name, attributes);
    prepared.unshift(added);
    if (prepared.length > MAXIMUM_PREPARED) this.dispose(prepared.pop()!);
    return added;
  }
}

/** The memory itself, or more where it has too few cells. */
function withRoom(memory: Scratch, cells: number): Scratch {
  return memory.capacity >= cells ? memory : new Scratch(Math.max(cells, 2 * memory.capacity));
}

function copyAttribute({ name, type, value }: Attribute): Attribute {
  return { name, type, value: Array.isArray(value) ? (value.slice() as unknown) : value };
}

function sameAttributes(a: readonly Attribute[], b: readonly Attribute[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (x.name !== y.name || x.type !== y.type) return false;
    if (x.value !== y.value && !sameList(x.value, y.value)) return false;
  }
  return true;
}

function sameList(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
