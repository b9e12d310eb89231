import { fileURLToPath } from 'node:url';

/** Code that cannot be compiled. The message names the user's line and the cure. */
export class CompileError extends Error {
  override readonly name = 'CompileError';

  /** @param origin an error made inside the user's call; the message names the line of that call */
  constructor(message: string, origin: Error = new Error()) {
    const line = userLine(origin);
    super(line === undefined ? message : `${line}: ${message}`);
  }
}

const OWN_FOLDER = fileURLToPath(new URL('..', import.meta.url));
const LIBRARY_FILE = /[\\/](?:@tensorflow|tfjs[\w-]*|node_modules)[\\/]|^node:/;

/** `file:line:column` of the innermost call that is neither this package's nor TensorFlow.js's. */
function userLine(origin: Error): string | undefined {
  for (const frame of (origin.stack ?? '').split('\n').slice(1)) {
    const match = /\(?((?:file:\/\/)?[^\s()]+):(\d+):(\d+)\)?$/.exec(frame.trim());
    if (match === null) continue;
    const file = match[1]!.startsWith('file://') ? fileURLToPath(match[1]!) : match[1]!;
    const isOurs = file.startsWith(OWN_FOLDER) && !file.endsWith('.test.ts');
    if (!isOurs && !LIBRARY_FILE.test(file)) return `${file}:${match[2]!}:${match[3]!}`;
  }
  return undefined;
}
