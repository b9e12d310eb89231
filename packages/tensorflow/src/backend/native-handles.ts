import type { Runtime } from '../runtime.ts';

/** Owners that were removed while handles were alive. They stay, to free tensors that are collected undisposed. */
const removedInUse = new Set<object>();

/** Counts a backend's native tensors, and holds TensorFlow's context open for them. */
export class NativeHandles {
  readonly #runtime: Runtime;
  readonly #release: () => void;
  #count = 0;
  #owner: object | undefined;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.#release = runtime.hold();
  }

  /** Number of native tensors alive. */
  get count(): number {
    return this.#count;
  }

  add(): void {
    this.#count++;
  }

  free(handle: number): void {
    this.#runtime.api.TFE_DeleteTensorHandle(handle);
    this.#count--;
    if (this.#owner !== undefined) this.#closeIfUnused(this.#owner);
  }

  /** Lets the context close, once the last handle and the last compiled function are freed. */
  closeWhenUnused(owner: object): void {
    this.#owner = owner;
    removedInUse.add(owner);
    this.#runtime.closeWhenUnused();
    this.#closeIfUnused(owner);
  }

  #closeIfUnused(owner: object): void {
    if (this.#count > 0) return;
    removedInUse.delete(owner);
    this.#release();
  }
}
