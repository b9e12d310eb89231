import { describe } from 'vitest';
import { findLibrary, LibraryError } from './library/index.ts';

/** The reason why native tests cannot run here; undefined where they can. */
function whyNoNativeLibrary(): string | undefined {
  try {
    findLibrary();
    return undefined;
  } catch (error) {
    if (error instanceof LibraryError) return error.message;
    throw error;
  }
}

const reason = whyNoNativeLibrary();
if (reason !== undefined && process.env.MOTLEY_REQUIRE_TENSORFLOW === '1') {
  throw new Error(`MOTLEY_REQUIRE_TENSORFLOW=1, but there is no TensorFlow library: ${reason}`);
}

/**
 * A test suite that needs the native library. Without the library it is skipped, with the reason in its name; with
 * `MOTLEY_REQUIRE_TENSORFLOW=1` it fails instead.
 */
export function describeNative(name: string, body: () => void): void {
  if (reason === undefined) describe(name, body);
  else describe.skip(`${name} (needs native TensorFlow: ${reason})`, body);
}
