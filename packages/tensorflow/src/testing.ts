import { describe } from 'vitest';
import { findLibrary, LibraryError } from './library/index.ts';

/** Why native tests cannot run here; undefined where they can. */
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
 * A suite that needs the native library: skipped, with the reason in its name, where there is none, and failing where
 * `MOTLEY_REQUIRE_TENSORFLOW=1` says that there must be one.
 */
export function describeNative(name: string, body: () => void): void {
  if (reason === undefined) describe(name, body);
  else describe.skip(`${name} (needs native TensorFlow: ${reason})`, body);
}
