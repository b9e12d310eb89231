/** The part of WebAssembly's JavaScript interface that the kernel uses: without a browser's types there is no name for it. */
interface Host {
  readonly Memory: new (descriptor: { readonly initial: number }) => WebAssemblyMemory;
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>,
  ) => { readonly exports: unknown };
}

export interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

export const host = (globalThis as unknown as { readonly WebAssembly: Host }).WebAssembly;
