import { LibraryError } from '../errors.ts';
import { glibcVersion } from '../machine/libc.ts';

/** The version that is installed by default. */
export const TENSORFLOW_VERSION = '2.21.0';

/**
 * Python versions of the wheels to try, in order. The library does not depend on Python, so this machine's version does
 * not matter.
 */
export const PYTHON_VERSIONS = ['3.11', '3.12', '3.10', '3.13', '3.14', '3.9'] as const;

const PLATFORM_TAGS: Record<string, readonly string[]> = {
  'linux-x64': ['manylinux_2_27_x86_64', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64', 'manylinux1_x86_64'],
  'linux-arm64': ['manylinux_2_27_aarch64', 'manylinux_2_17_aarch64', 'manylinux2014_aarch64'],
  'darwin-arm64': ['macosx_12_0_arm64'],
  'darwin-x64': ['macosx_10_15_x86_64'],
};

/** The newest official C archives: https://www.tensorflow.org/install/lang_c */
const ARCHIVES: Record<string, { version: string; file: string; gpuFile?: string }> = {
  'linux-x64': {
    version: '2.18.0',
    file: 'libtensorflow-cpu-linux-x86_64.tar.gz',
    gpuFile: 'libtensorflow-gpu-linux-x86_64.tar.gz',
  },
  'darwin-arm64': { version: '2.18.0', file: 'libtensorflow-cpu-darwin-arm64.tar.gz' },
  'darwin-x64': { version: '2.16.2', file: 'libtensorflow-cpu-darwin-x86_64.tar.gz' },
  'win32-x64': { version: '2.18.1', file: 'libtensorflow-cpu-windows-x86_64.zip' },
};

const PLATFORM = `${process.platform}-${process.arch}`;

export interface WheelChoice {
  package: string;
  version: string;
  /** Values of pip's `--platform`. */
  platforms: readonly string[];
}

/**
 * The wheel with this platform's library; undefined on Windows, where the wheel's library needs Python's DLL, so the C
 * archive is used.
 */
export function wheelFor(gpu: boolean, version?: string): WheelChoice | undefined {
  const platforms = PLATFORM_TAGS[PLATFORM];
  if (!platforms) return undefined;
  const newest = PLATFORM === 'darwin-x64' ? '2.16.2' : TENSORFLOW_VERSION; // the last version for Intel Macs
  return {
    package: PLATFORM === 'linux-x64' && !gpu ? 'tensorflow-cpu' : 'tensorflow',
    version: version ?? newest,
    platforms,
  };
}

/** Address and version of the official C archive; undefined where none is published. */
export function officialArchive(gpu: boolean, version?: string): { address: string; version: string } | undefined {
  const archive = ARCHIVES[PLATFORM];
  const file = gpu ? archive?.gpuFile : archive?.file;
  if (!archive || !file) return undefined;
  const chosen = version ?? archive.version;
  return { address: `https://storage.googleapis.com/tensorflow/versions/${chosen}/${file}`, version: chosen };
}

/** @throws LibraryError `unsupported-platform` where no published library could be loaded */
export function checkPlatform(gpu: boolean): void {
  if (!(PLATFORM in PLATFORM_TAGS) && !(PLATFORM in ARCHIVES))
    throw new LibraryError('unsupported-platform', `TensorFlow publishes no library for ${PLATFORM}`);
  if (gpu && PLATFORM !== 'linux-x64')
    throw new LibraryError(
      'unsupported-platform',
      `TensorFlow publishes GPU libraries for linux-x64, this is ${PLATFORM}`,
    );
  if (process.platform !== 'linux') return;
  const glibc = glibcVersion();
  if (glibc === undefined)
    throw new LibraryError(
      'unsupported-platform',
      'TensorFlow needs glibc 2.27 or newer; this system has another C library (musl?)',
    );
  const [major = 0, minor = 0] = glibc.split('.').map(Number);
  if (major < 2 || (major === 2 && minor < 27))
    throw new LibraryError('unsupported-platform', `TensorFlow needs glibc 2.27 or newer, this system has ${glibc}`);
}
