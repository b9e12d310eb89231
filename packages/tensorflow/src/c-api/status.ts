import koffi from '../koffi.ts';
import type { CApi } from './declarations.ts';
import { type Pointer, StatusCode } from './types.ts';

/** An error that TensorFlow returned: its own message and the operation's name. */
export class TensorFlowError extends Error {
  override readonly name = 'TensorFlowError';
  /** `TF_Code` (tensorflow/c/tf_status.h). */
  readonly code: number;
  readonly operation: string | undefined;

  constructor(code: number, message: string, operation?: string) {
    super(operation === undefined ? message : `${operation}: ${message}`);
    this.code = code;
    this.operation = operation;
  }
}

/**
 * A reused `TF_Status`. An OK status holds a known word, so the hot path reads memory instead of calling `TF_GetCode`.
 * The constructor tests whether the loaded library does so.
 */
export class Status {
  readonly pointer: Pointer;
  readonly #api: CApi;
  readonly #words: Uint32Array | undefined;
  readonly #okLow: number = 0;
  readonly #okHigh: number = 0;

  constructor(api: CApi) {
    this.#api = api;
    this.pointer = api.TF_NewStatus();
    const words = new Uint32Array(koffi.view(this.pointer, 8));
    const [low, high] = [words[0]!, words[1]!];
    api.TF_SetStatus(this.pointer, StatusCode.unimplemented, 'probe');
    const changed = words[0] !== low || words[1] !== high;
    api.TF_SetStatus(this.pointer, StatusCode.ok, '');
    if (changed && words[0] === low && words[1] === high) {
      this.#words = words;
      this.#okLow = low;
      this.#okHigh = high;
    }
  }

  /** @throws TensorFlowError where the last call failed; the status is OK again afterwards */
  check(operation?: string): void {
    if (this.#words?.[0] === this.#okLow && this.#words[1] === this.#okHigh) return;
    const code = this.#api.TF_GetCode(this.pointer);
    if (code === StatusCode.ok) return;
    const message = this.#api.TF_Message(this.pointer);
    this.#api.TF_SetStatus(this.pointer, StatusCode.ok, '');
    throw new TensorFlowError(code, message, operation);
  }

  dispose(): void {
    this.#api.TF_DeleteStatus(this.pointer);
  }
}
