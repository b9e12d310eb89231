import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Registry } from './registry.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../../..');

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** The folders of the packages that are published. */
export async function publishedFolders(): Promise<string[]> {
  const folders = (await readdir(join(root, 'packages'))).map((name) => join(root, 'packages', name));
  const manifests = await Promise.all(folders.map(readManifest));
  return folders.filter((_, index) => manifests[index] !== undefined && manifests[index].private !== true);
}

/** The folders of the packages that this package names, which turbo builds before its test. */
export async function builtFolders(): Promise<string[]> {
  const names = Object.keys((await readManifest(join(root, 'tools/installs')))?.devDependencies ?? {});
  return names.flatMap((name) =>
    name.startsWith('@motley/') ? [join(root, 'packages', name.slice('@motley/'.length))] : [],
  );
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Manifest);
}

/** Packs packages as `pnpm publish` would, and puts them into the registry. */
export async function publishAll(folders: readonly string[], registry: Registry, scratch: string): Promise<void> {
  for (const folder of folders) {
    const { stdout } = await run('pnpm', ['pack', '--json', '--pack-destination', scratch], { cwd: folder });
    const { filename } = JSON.parse(stdout.slice(stdout.indexOf('{'))) as { filename: string };
    const tarball = resolve(scratch, filename);
    const manifest = await run('tar', ['-xzOf', tarball, 'package/package.json']);
    registry.publish(JSON.parse(manifest.stdout) as Manifest & Record<string, unknown>, await readFile(tarball));
  }
}

/** The registry that this machine's npm is configured for. */
export async function configuredRegistry(): Promise<string> {
  return (await run('npm', ['config', 'get', 'registry'])).stdout.trim();
}
