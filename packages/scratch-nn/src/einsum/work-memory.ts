import { VECTOR_BYTES, webAssembly } from '@motley/webassembly';
import type { DataType, Values } from '../array.ts';
import { createKernel, type MatrixKernel } from './matrix-kernel.ts';

const PAGE_BYTES = 65_536;

/**
 * Memory of the kernels, shared by the process. Each product reserves its parts from the start. The memory grows to the
 * size of the largest product.
 */
class WorkMemory {
  readonly #memory = new webAssembly.Memory({ initial: 16 });
  readonly #kernels = new Map<DataType, MatrixKernel>();
  #used = 0;

  kernel(dataType: DataType): MatrixKernel {
    let kernel = this.#kernels.get(dataType);
    if (kernel === undefined) {
      kernel = createKernel(dataType, this.#memory);
      this.#kernels.set(dataType, kernel);
    }
    return kernel;
  }

  /** Frees all reservations and makes room for so many bytes. */
  begin(bytes: number): void {
    this.#used = 0;
    const missing = bytes - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
  }

  /** @returns the address of `bytes` unused bytes */
  reserve(bytes: number): number {
    const address = this.#used;
    this.#used += Math.ceil(bytes / VECTOR_BYTES) * VECTOR_BYTES;
    return address;
  }

  /** Copies values in. @returns their address */
  place(values: Values | Int32Array): number {
    const address = this.reserve(values.byteLength);
    this.write(values, address);
    return address;
  }

  write(values: Values | Int32Array, address: number): void {
    const Type = values.constructor as Float32ArrayConstructor;
    new Type(this.#memory.buffer, address, values.length).set(values);
  }

  /** Fills `target` with the values at an address. */
  read(address: number, target: Values): void {
    const Type = target.constructor as Float32ArrayConstructor;
    target.set(new Type(this.#memory.buffer, address, target.length));
  }
}

export const workMemory = new WorkMemory();
