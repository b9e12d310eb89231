/**
 * The foreign-function interface. `build.ts` bundles it for the published package: koffi itself brings an install
 * script, though its binaries are packages of their own.
 */
export { default } from 'koffi';
export type { LibraryHandle } from 'koffi';
