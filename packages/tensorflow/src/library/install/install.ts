import { mkdir, open, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { LibraryError } from '../errors.ts';
import { installedLibrary, libraryIn, readRecord, RECORD_NAME, type InstallRecord } from '../inspect-folder.ts';
import { cacheFolder, type LibraryLocation } from '../location.ts';
import { asNoSpace } from './disk.ts';
import type { InstallListener } from './events.ts';
import { namingOrigin } from './naming-origin.ts';
import { findPip } from './pip.ts';
import { checkPlatform, officialArchive, wheelFor } from './platform.ts';
import { publish, syncFolder, withStaging } from './staging.ts';
import type { Unpacked } from './unpack-options.ts';

export interface InstallOptions {
  /** Whether to install the CUDA build with the CUDA libraries that it needs. */
  gpu?: boolean;
  /** A TensorFlow release, `2.21.0`. Default: the newest known to work. */
  version?: string;
  /** Address of a C library archive to use instead of pip. Default: `MOTLEY_TENSORFLOW_ARCHIVE`. */
  archive?: string;
  /** Whether to download again even if the library is installed. */
  force?: boolean;
  onEvent?: InstallListener;
  signal?: AbortSignal;
}

export interface InstallResult {
  location: LibraryLocation;
  record: InstallRecord;
  /** False where the same library was already installed. */
  downloaded: boolean;
}

/** The origin of an install, the name of its folder, and the download of its files. */
interface Plan {
  origin: string;
  version: string;
  variant: InstallRecord['variant'];
  /**
   * Fills `folder` (`tensorflow/…`, `nvidia/…`), with `temporary` for temporary files. It imports its modules when it
   * runs: a program that only searches for the library need not load unpackers.
   */
  download: (folder: string, temporary: string) => Promise<Unpacked[]>;
}

/**
 * Downloads TensorFlow's library into the cache, where `findLibrary` finds it. It takes the needed files of the wheel
 * by pip or uv. Without these, or where an archive is named, it takes the C library archive.
 *
 * The files are collected in a folder that is renamed at the end. So a killed install leaves no half library, and two
 * at once both succeed. The next install removes the files of a killed one.
 *
 * @throws LibraryError with the cure; nothing is left behind
 */
export async function installLibrary(options: InstallOptions = {}): Promise<InstallResult> {
  const { version } = options;
  if (version !== undefined && !/^\d+\.\d+\.\d+(rc\d+|\.post\d+)?$/.test(version))
    throw new LibraryError('bad-argument', `a TensorFlow version looks like 2.21.0, got ${JSON.stringify(version)}`);
  checkPlatform(options.gpu ?? false);

  const cache = cacheFolder();
  const plan = choosePlan(options, cache);
  const target = join(cache, `${plan.version}-${plan.variant}-${process.platform}-${process.arch}`);
  const usable = (folder: string) => isUsable(folder, plan.origin);
  if (!options.force && usable(target)) {
    // `findLibrary` chooses the newest record.
    await utimes(join(target, RECORD_NAME), new Date(), new Date());
    return { location: installedLibrary(target), record: readRecord(target)!, downloaded: false };
  }
  try {
    await withStaging(cache, async (staging) => {
      const folder = join(staging, 'library');
      await mkdir(folder);
      const files = await namingOrigin(plan.origin, staging, async () => {
        const unpacked = await plan.download(folder, join(staging, 'temporary'));
        if (!libraryIn(join(folder, 'tensorflow'), 'cache'))
          throw new LibraryError('bad-archive', `${plan.origin} holds no TensorFlow library for ${process.platform}`);
        return unpacked;
      });
      await writeRecord(folder, plan, files);
      await publish(folder, target, staging, (other) => !options.force && usable(other));
    });
  } catch (error) {
    throw asNoSpace(error, cache);
  }
  return { location: installedLibrary(target), record: readRecord(target)!, downloaded: true };
}

function choosePlan(options: InstallOptions, cache: string): Plan {
  const gpu = options.gpu ?? false;
  const common = { cache, onEvent: options.onEvent, signal: options.signal };
  const archivePlan = (address: string, version: string): Plan => ({
    origin: address,
    version,
    variant: 'archive',
    download: async (folder, temporary) => {
      const { downloadArchive } = await import('./from-archive.ts');
      return downloadArchive({ ...common, address }, folder, temporary);
    },
  });

  const archive = options.archive ?? process.env.MOTLEY_TENSORFLOW_ARCHIVE;
  if (archive) return archivePlan(archive, options.version ?? versionIn(archive));
  const wheel = wheelFor(gpu, options.version);
  const pip = wheel && findPip();
  if (pip)
    return {
      origin: `${wheel.package}${gpu ? '[and-cuda]' : ''}==${wheel.version}`,
      version: wheel.version,
      variant: gpu ? 'gpu' : 'cpu',
      download: async (folder, temporary) => {
        const { downloadWheels } = await import('./from-wheels.ts');
        return downloadWheels({ ...common, pip, wheel, gpu }, folder, temporary);
      },
    };
  const official = officialArchive(gpu, options.version);
  if (!official)
    throw new LibraryError(
      'unsupported-platform',
      'TensorFlow comes by pip or uv here, and neither runs; install Python with pip',
    );
  options.onEvent?.({
    kind: 'message',
    text: wheel
      ? 'no pip or uv runs here: taking the official C library archive'
      : 'taking the official C library archive',
  });
  return archivePlan(official.address, official.version);
}

/** The version in the path of an official address. */
function versionIn(address: string): string {
  const path = URL.canParse(address) ? new URL(address).pathname : '';
  return /\d+\.\d+\.\d+/.exec(path)?.[0] ?? 'custom';
}

function isUsable(folder: string, origin: string): boolean {
  try {
    installedLibrary(folder);
    return readRecord(folder)?.origin === origin;
  } catch {
    return false;
  }
}

async function writeRecord(folder: string, plan: Plan, files: readonly Unpacked[]): Promise<void> {
  const record: InstallRecord = {
    origin: plan.origin,
    version: plan.version,
    variant: plan.variant,
    installedAt: new Date().toISOString(),
    files: files.map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })),
  };
  const handle = await open(join(folder, RECORD_NAME), 'wx');
  try {
    await handle.writeFile(`${JSON.stringify(record, null, 2)}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await syncFolder(folder);
}
