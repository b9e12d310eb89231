import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Parts of a `package.json` that the conventions speak of. */
interface Manifest {
  readonly name: string;
  readonly license?: string;
  readonly private?: boolean;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly engines?: { readonly node?: string };
  readonly dependencies?: Readonly<Record<string, string>>;
}

export interface WorkspacePackage {
  /** From the root: `packages/vae`. */
  readonly path: string;
  readonly manifest: Manifest;
  /** Tracked and new files, from the package's own folder, `/` between names. */
  readonly files: readonly string[];
  readonly read: (file: string) => string;
}

export const root = join(import.meta.dirname, '../../..');

/** Every package below `packages` and `apps`. */
export function workspacePackages(): WorkspacePackage[] {
  const byPath = new Map<string, string[]>();
  for (const file of workspaceFiles('packages', 'apps')) {
    const [parent, name, ...rest] = file.split('/');
    const path = `${parent!}/${name!}`;
    byPath.set(path, [...(byPath.get(path) ?? []), rest.join('/')]);
  }
  return [...byPath].flatMap(([path, files]) => {
    if (!files.includes('package.json')) return [];
    const read = (file: string): string => readFileSync(join(root, path, file), 'utf8');
    return [{ path, files, read, manifest: JSON.parse(read('package.json')) as Manifest }];
  });
}

/** Tracked and new files at the given places, from the root. */
export function workspaceFiles(...places: readonly string[]): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...places], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return listed.split('\n').filter((file) => file !== '' && existsSync(join(root, file)));
}

/** The libraries, from the one that knows nothing to the one that all systems stand on. */
const libraries = ['@motley/webassembly', '@motley/tensorflow', '@motley/run', '@motley/core'];

/** A system: one network or a family of them, with commands of its own. */
export function isSystem({ path, manifest }: WorkspacePackage): boolean {
  return path.startsWith('packages/') && !libraries.includes(manifest.name);
}

/** Packages of the workspace that a package may depend on: those below it. */
export function allowedDependencies(each: WorkspacePackage): readonly string[] {
  const level = libraries.indexOf(each.manifest.name);
  return level < 0 ? libraries : libraries.slice(0, level);
}

/** The modules that a source file imports, types too. */
export function importsOf(source: string): string[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|(?:^|\n)import '([^']+)'/g;
  return [...source.matchAll(pattern)].map(([, from, dynamic, bare]) => (from ?? dynamic ?? bare)!);
}
