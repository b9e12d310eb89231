import { VECTOR_BYTES, webAssembly } from '@motley/webassembly';
import type { DataType, Values } from '../array.ts';
import { createKernel, type MatrixKernel } from './matrix-kernel.ts';

const PAGE_BYTES = 65_536;

/**
 * The memory that the kernels work in: one a process, handed out from its beginning for each product anew. It grows to
 * what the largest product took.
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

  /** Takes back all that was handed out, and sees to it that so many bytes are there. */
  begin(bytes: number): void {
    this.#used = 0;
    const missing = bytes - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
  }

  /** @returns the address of so many bytes */
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

  /** Copies values out, as many as there is room for in `target`. */
  read(address: number, target: Values): void {
    const Type = target.constructor as Float32ArrayConstructor;
    target.set(new Type(this.#memory.buffer, address, target.length));
  }
}

export const workMemory = new WorkMemory();
