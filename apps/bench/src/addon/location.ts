import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { cacheFolder, findLibrary } from '@motley/tensorflow/library';

/** Name of the add-on in tables. */
export const ADD_ON_NAME = 'tfjs-node';

const resolve = createRequire(import.meta.url).resolve;

/** The folder of npm's `@tensorflow/tfjs-node`, as it was installed: its install script has not run. */
export const tfjsNodeFolder = dirname(resolve('@tensorflow/tfjs-node/package.json'));
export const nodeApiFolder = dirname(resolve('node-api-headers/package.json'));

export const tfjsNodeVersion = (
  JSON.parse(readFileSync(join(tfjsNodeFolder, 'package.json'), 'utf8')) as { version: string }
).version;

/** Path of the built add-on, beside the libraries that it is linked against. */
export const addOnFolder = join(dirname(cacheFolder()), 'bench', `tfjs-node-${tfjsNodeVersion}`);
export const addOnFile = join(addOnFolder, 'tfjs_binding.node');

/** Record of a completed build. */
interface BuildRecord {
  /** The folder of the TensorFlow library that the add-on is linked against. */
  readonly library: string;
}
export const recordFile = join(addOnFolder, 'build.json');

/** Reason why the add-on cannot be measured, for a table's cell; undefined if it can. */
export function addOnProblem(): string | undefined {
  if (!existsSync(addOnFile) || !existsSync(recordFile)) return 'not built: pnpm bench setup';
  const { library } = JSON.parse(readFileSync(recordFile, 'utf8')) as BuildRecord;
  return library === findLibrary().folder ? undefined : 'built for another library: pnpm bench setup';
}
