/** Memory that kernels and typed arrays share. */
export interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer;
  /** Adds pages of 64 KiB. Typed arrays on the previous `buffer` become empty. */
  grow(pages: number): number;
}

/**
 * The part of WebAssembly's JavaScript interface that kernels use. TypeScript declares it only with the DOM's types.
 */
interface WebAssemblyInterface {
  readonly Memory: new (descriptor: { readonly initial: number }) => WebAssemblyMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: unknown };
}

/** JavaScript's `WebAssembly`, in Node and in browsers. */
export const webAssembly = (globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface }).WebAssembly;
