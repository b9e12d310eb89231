import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { UserError } from '@motley/run';
import { findLibrary } from '@motley/tensorflow/library';
import { execute } from '../execute.ts';
import { writeAtomically } from '../files.ts';
import { addOnFile, addOnFolder, nodeApiFolder, recordFile, tfjsNodeFolder, tfjsNodeVersion } from './location.ts';

/** Wheel with the headers. The C API is stable, so the library may be another release. */
const HEADERS_REQUIREMENT = 'tensorflow-cpu==2.21.0';
const HEADERS_SIZE_IN_MEGABYTES = 274;

/**
 * Builds tfjs-node's native add-on from its own sources against the library that Motley runs on, as `node-gyp` would. Both
 * sides then differ in their bindings alone.
 *
 * @param wheel a TensorFlow wheel, for its headers; downloaded by pip where absent
 * @param report called with each stage
 * @throws UserError if the wheel is no wheel, or on an unsupported system
 */
export function buildAddOn(wheel: string | undefined, report: (line: string) => void): void {
  if (process.platform !== 'linux') {
    throw new UserError(`pnpm bench setup builds tfjs-node's add-on on Linux, this is ${process.platform}`);
  }
  if (wheel !== undefined && statSync(wheel, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new UserError(`--headers: expected a TensorFlow wheel, found no file ${wheel}`);
  }
  const library = findLibrary();
  mkdirSync(addOnFolder, { recursive: true });
  const work = mkdtempSync(join(addOnFolder, '.build-'));
  try {
    const headers = wheel === undefined ? downloadWheel(work, report) : resolve(wheel);
    report(`unpacking the headers of ${basename(headers)}`);
    execute('python3', [join(import.meta.dirname, 'unpack_headers.py'), headers, work]);
    const output = join(work, 'tfjs_binding.node');
    report(`compiling the add-on of @tensorflow/tfjs-node ${tfjsNodeVersion}`);
    execute('g++', compilerArguments(join(work, 'tensorflow', 'include'), library, output));
    rmSync(recordFile, { force: true });
    renameSync(output, addOnFile);
    writeAtomically(recordFile, `${JSON.stringify({ library: library.folder })}\n`);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function downloadWheel(folder: string, report: (line: string) => void): string {
  report(`downloading ${HEADERS_REQUIREMENT} for its headers, ${HEADERS_SIZE_IN_MEGABYTES} MB`);
  const options = ['--no-deps', '--only-binary=:all:', '--disable-pip-version-check', '--quiet', '--dest', folder];
  execute('python3', ['-m', 'pip', 'download', ...options, HEADERS_REQUIREMENT]);
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.whl'))!,
  );
}

function compilerArguments(
  headers: string,
  library: { folder: string; library: string; framework?: string },
  output: string,
): string[] {
  const sources = join(tfjsNodeFolder, 'binding');
  const libraries = [library.library, library.framework].flatMap((path) =>
    path === undefined ? [] : [basename(path)],
  );
  return [
    '-O3',
    '-std=c++17',
    '-fPIC',
    '-shared',
    '-DNODE_GYP_MODULE_NAME=tfjs_binding',
    ...[join(nodeApiFolder, 'include'), headers, sources].flatMap((folder) => ['-I', folder]),
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(sources, name)),
    '-L',
    library.folder,
    ...libraries.map((name) => `-l:${name}`),
    `-Wl,-rpath,${library.folder}`,
    '-o',
    output,
  ];
}
