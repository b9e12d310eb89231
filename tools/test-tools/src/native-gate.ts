import { describe } from 'vitest';

/** The one gate of tests that need native TensorFlow. */
export interface NativeGate {
  /** Whether native TensorFlow is here. */
  readonly hasNative: boolean;
  /** A suite that needs native TensorFlow: skipped, with the reason in its title, where there is none. */
  readonly describeNative: (name: string, body: () => void) => void;
  /**
   * A suite on each backend, a native one on `tensorflow`.
   * @param name `%s` in it stands for the backend
   */
  readonly describeOn: <Backend extends string>(
    backends: readonly Backend[],
    name: string,
    body: (backend: Backend) => void,
  ) => void;
}

/**
 * Starts native TensorFlow and gates the suites that need it. A library that cannot be found skips them, or fails where
 * `MOTLEY_REQUIRE_TENSORFLOW=1`. A library that is found but does not start always fails.
 * @param start throws where native TensorFlow cannot be had; an error, or a cause of it, with the code `not-found` says
 *   that there is no library
 * @throws Error with the reason
 */
export async function nativeGate(start: () => unknown): Promise<NativeGate> {
  const reason = await whyMissing(start);
  if (reason !== undefined && process.env.MOTLEY_REQUIRE_TENSORFLOW === '1')
    throw new Error(`MOTLEY_REQUIRE_TENSORFLOW=1: expected a TensorFlow library, found none: ${reason}`);
  const describeNative: NativeGate['describeNative'] = (name, body) => {
    if (reason === undefined) describe(name, body);
    else describe.skip(`${name} (needs native TensorFlow: ${reason})`, body);
  };
  return {
    hasNative: reason === undefined,
    describeNative,
    describeOn: (backends, name, body) => {
      for (const backend of backends) {
        const suite = backend === 'tensorflow' ? describeNative : describe;
        suite(name.replace('%s', backend), () => {
          body(backend);
        });
      }
    },
  };
}

async function whyMissing(start: () => unknown): Promise<string | undefined> {
  try {
    await start();
    return undefined;
  } catch (error) {
    for (let each = error; each instanceof Error; each = each.cause)
      if ('code' in each && each.code === 'not-found') return each.message;
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`native TensorFlow is here but does not start: ${message}`, { cause: error });
  }
}
