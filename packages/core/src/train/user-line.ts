const LIBRARIES = /[\\/]node_modules[\\/]|^node:|\bnative\b/;
const OWN = /[\\/](?:packages|@motley)[\\/](?:core|run|tensorflow)[\\/](?:src|dist)[\\/]/;

/**
 * `file:line:column` of the innermost call in a stack outside of libraries and of core, run and tensorflow. Without
 * one, of the innermost call outside of libraries.
 */
export function userLine(stack: string | undefined): string | undefined {
  const places = (stack ?? '').split('\n').flatMap((frame) => {
    const place = /\(?((?:file:\/\/|https?:\/\/)?[^\s()]+:\d+:\d+)\)?$/.exec(frame.trim())?.[1];
    return place === undefined || LIBRARIES.test(place) ? [] : [place.replace(/^file:\/\//, '')];
  });
  return places.find((place) => !OWN.test(place) || place.includes('.test.ts')) ?? places[0];
}

/** Runs `body` with a stack trace limit high enough to reach the user's code. */
export function withDeepStacks<T>(body: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 60;
  try {
    return body();
  } finally {
    Error.stackTraceLimit = limit;
  }
}
