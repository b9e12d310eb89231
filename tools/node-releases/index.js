import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/**
 * Path of a Node release's program, as npm carries it for Linux on x64. A package of its own, because a package that
 * depends on a release runs its scripts on it.
 *
 * @param {'node-20' | 'node-26'} release
 * @returns {string}
 */
export function nodeProgram(release) {
  return join(dirname(require.resolve(`${release}/package.json`)), 'bin', 'node');
}
