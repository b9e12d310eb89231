import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { verifyBinary } from './binary/verify.ts';
import { LibraryError } from './errors.ts';
import {
  chooseLibrary,
  INSTALL_COMMAND,
  reinstallCommand,
  searchPlaces,
  type FindLibraryOptions,
  type SearchedPlace,
} from './find.ts';
import { freeBytes } from './install/disk.ts';
import { findPip } from './install/pip.ts';
import { checkPlatform } from './install/platform.ts';
import { cacheFolder, type LibraryLocation, type LibrarySource } from './location.ts';
import { describeCpu, type CpuReport } from './machine/cpu.ts';
import { describeCuda, describeNvidia, explainNoGpu, type GpuReport, type NvidiaReport } from './machine/gpu.ts';
import { glibcVersion } from './machine/libc.ts';
import { runProbe, type Device } from './run-probe.ts';

export interface DoctorReport {
  /** Whether a program would find a working TensorFlow. */
  usable: boolean;
  /** The fault that prevents it, if there is one. */
  problem?: { message: string; cure?: string };
  library?: LibraryLocation & { tensorflow?: string; cuda: boolean };
  /** All places in the order of the search. */
  searched: { source: LibrarySource; where: string; result: 'found' | 'nothing' | 'refused'; reason?: string }[];
  devices: Device[];
  gpu: GpuReport & { nvidia: NvidiaReport };
  cpu: CpuReport;
  system: { platform: string; arch: string; node: string; glibc?: string };
  /** The tool that `install` would use: pip or uv, else the C archive. */
  installer: string;
  cache: { folder: string; freeBytes: number };
}

/**
 * Examines this machine: which library a program would find, whether it works, its devices, and the cure of any fault.
 */
export async function runDoctor(options: FindLibraryOptions = {}): Promise<DoctorReport> {
  const places = [...searchPlaces(options)];
  const searched = places.map(({ source, where, library, error }) => ({
    source,
    where,
    result: library ? ('found' as const) : error ? ('refused' as const) : ('nothing' as const),
    ...(error && { reason: error.message }),
  }));
  const { location, probe, problem } = await examine(places);
  const headers = location
    ? [location.library, location.framework].flatMap((path) => (path === undefined ? [] : [verifyBinary(path)]))
    : [];
  const cuda = location ? describeCuda(location, headers) : { build: false, missing: [] };
  const nvidia = describeNvidia();
  const devices = probe?.devices ?? [];
  const hasGpu = devices.some(({ type }) => type !== 'CPU');
  const glibc = glibcVersion();
  const folder = cacheFolder();
  return {
    usable: probe !== undefined,
    ...(problem && { problem }),
    ...(location && { library: { ...location, ...(probe && { tensorflow: probe.version }), cuda: cuda.build } }),
    searched,
    devices,
    gpu: { ...(hasGpu ? { available: true } : explainNoGpu(nvidia, cuda, probe?.log ?? '')), nvidia },
    cpu: describeCpu(),
    system: { platform: process.platform, arch: process.arch, node: process.versions.node, ...(glibc && { glibc }) },
    installer: findPip()?.join(' ') ?? 'the official C library archive (no pip or uv runs here)',
    cache: { folder, freeBytes: await freeBytes(existingAncestor(folder)) },
  };
}

async function examine(places: readonly SearchedPlace[]) {
  let location: LibraryLocation | undefined;
  try {
    location = chooseLibrary(places);
    return { location, probe: await runProbe(location) };
  } catch (error) {
    if (!(error instanceof LibraryError)) throw error;
    return { location, problem: withCure(error, location) };
  }
}

function withCure(error: LibraryError, location: LibraryLocation | undefined): { message: string; cure?: string } {
  try {
    checkPlatform(false);
  } catch (unsupported) {
    return { message: (unsupported as Error).message };
  }
  const cure = error.cure ?? cureFor(location);
  return { message: error.problem, cure };
}

/** Cure for a missing library, or one that looks whole but does not load. */
function cureFor(location: LibraryLocation | undefined): string {
  if (process.env.MOTLEY_TENSORFLOW_LIBRARY) return 'unset MOTLEY_TENSORFLOW_LIBRARY';
  return location?.source === 'cache' ? `${reinstallCommand(dirname(location.folder))} --force` : INSTALL_COMMAND;
}

function existingAncestor(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existingAncestor(dirname(folder));
}
