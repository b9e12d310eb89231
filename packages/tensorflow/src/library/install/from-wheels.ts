import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { LibraryError } from '../errors.ts';
import { LIBRARY_NAMES } from '../location.ts';
import { ensureFree, formatBytes } from './disk.ts';
import type { InstallListener } from './events.ts';
import { pipDownload, type DownloadOptions, type PipCommand } from './pip.ts';
import { PYTHON_VERSIONS, type WheelChoice } from './platform.ts';
import type { Unpacked } from './unpack-options.ts';
import { ZipReader } from './unpack-zip.ts';

interface WheelSource {
  pip: PipCommand;
  wheel: WheelChoice;
  gpu: boolean;
  /** The cache folder, for its free space and for messages. */
  cache: string;
  onEvent?: InstallListener | undefined;
  signal?: AbortSignal | undefined;
}

/** Ratio of the needed files' unpacked bytes to the wheel's bytes, measured on 2.21.0. */
const UNPACKED_RATIOS = { cpu: 3.12, gpu: 2.2, cuda: 1.2 };
const LICENSE_FILE = /^[^/]+\.dist-info\/(?:licenses\/)?(?:licen[cs]e|notice)[^/]*$/i;
const LIBRARIES = new Set(
  [...LIBRARY_NAMES.libraries, ...LIBRARY_NAMES.frameworks].map((name) => `tensorflow/${name}`),
);

/**
 * Downloads TensorFlow's wheel, and with `gpu` the wheels of its `and-cuda` extra, and unpacks the files that the
 * library needs into `folder`. `tensorflow/` and `nvidia/` lie side by side as in Python's `site-packages`, because the
 * library's run path (`$ORIGIN/../nvidia/cublas/lib` and so on) expects that.
 */
export async function downloadWheels(source: WheelSource, folder: string, temporary: string): Promise<Unpacked[]> {
  const { wheel, gpu } = source;
  const title = `${wheel.package} ${wheel.version}`;
  const { wheels, pythonVersion } = await download(source, {
    requirements: [`${wheel.package}==${wheel.version}`],
    pythonVersions: PYTHON_VERSIONS,
    folder: join(temporary, 'tensorflow'),
    temporaryFolder: join(temporary, 'pip'),
    title: () => title,
    ratio: gpu ? UNPACKED_RATIOS.gpu : UNPACKED_RATIOS.cpu,
  });
  const [path] = wheels;
  if (path === undefined) throw new LibraryError('download-failed', `pip downloaded no wheel for ${title}`);
  const requirements = gpu ? await cudaRequirements(path) : [];
  const files = await unpackWheel(source, path, folder, selectTensorflow);
  if (!gpu) return files;

  const cuda = await download(source, {
    requirements,
    pythonVersions: [pythonVersion],
    folder: join(temporary, 'cuda'),
    temporaryFolder: join(temporary, 'pip'),
    title: (file) => file.split('-').slice(0, 2).join(' '),
    ratio: UNPACKED_RATIOS.cuda,
  });
  for (const cudaWheel of cuda.wheels) {
    for (const file of await unpackWheel(source, cudaWheel, folder, selectCuda)) files.push(file);
  }
  return files;
}

interface WheelDownload extends Pick<
  DownloadOptions,
  'requirements' | 'pythonVersions' | 'folder' | 'temporaryFolder'
> {
  title: (file: string) => string;
  ratio: number;
}

function download(source: WheelSource, { title, ratio, ...rest }: WheelDownload) {
  let totalBytes = 0;
  return pipDownload(source.pip, {
    ...rest,
    platforms: source.wheel.platforms,
    signal: source.signal,
    onSize: async (file, bytes) => {
      totalBytes += bytes;
      const unpackedBytes = bytes * ratio;
      const sizes = `${formatBytes(bytes)}, unpacks to about ${formatBytes(unpackedBytes)}`;
      source.onEvent?.({ kind: 'message', text: `downloading ${title(file)}, ${sizes}, to ${source.cache}` });
      // pip copies its downloads before it removes its temporary files.
      await ensureFree(source.cache, bytes + Math.max(bytes, unpackedBytes), `installing ${title(file)}`);
    },
    onBytes: (bytes) => {
      if (totalBytes > 0)
        source.onEvent?.({ kind: 'progress', phase: 'download', doneBytes: Math.min(bytes, totalBytes), totalBytes });
    },
  });
}

function selectTensorflow(name: string): string | undefined {
  if (name === 'tensorflow/include/LICENSE') return 'tensorflow/LICENSE';
  return LIBRARIES.has(name) || name === 'tensorflow/THIRD_PARTY_NOTICES.txt' || LICENSE_FILE.test(name)
    ? name
    : undefined;
}

/** Selects the shared libraries, and the assembler and device code that XLA needs to compile. */
function selectCuda(name: string): string | undefined {
  const wanted = /^nvidia\/[^/]+\/lib\/[^/]+\.so[^/]*$/.test(name) || /^nvidia\/cuda_nvcc\/(?:bin|nvvm)\/./.test(name);
  return wanted || LICENSE_FILE.test(name) ? name : undefined;
}

/** Unpacks a wheel, compares the hashes of its files with those in its RECORD, and removes it. */
async function unpackWheel(
  source: WheelSource,
  path: string,
  folder: string,
  select: (name: string) => string | undefined,
): Promise<Unpacked[]> {
  const unpacked = await ZipReader.with(path, async (zip) => {
    const hashes = parseRecord((await zip.text(/^[^/]+\.dist-info\/RECORD$/)) ?? '');
    const files = await zip.unpack({
      folder,
      select,
      signal: source.signal,
      onProgress: (doneBytes, totalBytes) =>
        source.onEvent?.({ kind: 'progress', phase: 'unpack', doneBytes, ...(totalBytes && { totalBytes }) }),
    });
    for (const { name, sha256 } of files) {
      if (hashes.get(name) === sha256) continue;
      const expected = hashes.get(name) ?? 'a hash';
      throw new LibraryError(
        'bad-archive',
        `${basename(path)}: RECORD gives ${expected} for ${name}, it has ${sha256}`,
      );
    }
    return files;
  });
  await rm(path);
  return unpacked;
}

/**
 * Parses the lines `path,sha256=<base64url>,size` of a wheel's RECORD (PEP 376, PEP 427) into hexadecimal hashes by
 * path.
 */
function parseRecord(text: string): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, path, hash] = /^"?(.+?)"?,sha256=([\w-]+),\d*$/.exec(line) ?? [];
    if (path !== undefined) hashes.set(path, Buffer.from(hash!, 'base64url').toString('hex'));
  }
  return hashes;
}

async function cudaRequirements(wheel: string): Promise<string[]> {
  const metadata = await ZipReader.with(wheel, (zip) => zip.text(/^[^/]+\.dist-info\/METADATA$/));
  const requirements = parseCudaRequirements(metadata ?? '');
  if (requirements.length === 0)
    throw new LibraryError('bad-archive', `${basename(wheel)} names no CUDA packages (its extra and-cuda is empty)`);
  return requirements;
}

/** Requirements of a wheel's extra `and-cuda` in its METADATA (PEP 566, PEP 508): `nvidia-cudnn-cu12<10.0,>=9.3`. */
function parseCudaRequirements(metadata: string): string[] {
  return metadata.split(/\r?\n/).flatMap((line) => {
    const match = /^Requires-Dist:\s*([A-Za-z0-9][\w.-]*)\s*\(?([^;()]*)\)?\s*;.*\bextra\s*==\s*["']and-cuda["']/.exec(
      line,
    );
    if (!match) return [];
    const specifier = match[2]!.replace(/\s/g, '');
    return /^[<>=!~,.*\w]*$/.test(specifier) ? [`${match[1]!}${specifier}`] : [];
  });
}
