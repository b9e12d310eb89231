import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What of a `package.json` the conventions speak of. */
interface Manifest {
  readonly name: string;
  readonly license?: string;
  readonly private?: boolean;
  readonly scripts?: Readonly<Record<string, string>>;
  readonly exports?: unknown;
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

const root = join(import.meta.dirname, '../../..');

/** Every package below `packages` and `apps`. */
export function workspacePackages(): WorkspacePackage[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'packages', 'apps'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const byPath = new Map<string, string[]>();
  for (const file of listed.split('\n').filter(Boolean)) {
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

/** The libraries, from the one that knows nothing to the one that all systems stand on. */
const libraries = ['@motley/webassembly', '@motley/tensorflow', '@motley/run', '@motley/core'];

/** A system: one network or a family of them, with commands of its own. */
export function isSystem({ path, manifest }: WorkspacePackage): boolean {
  return path.startsWith('packages/') && !libraries.includes(manifest.name);
}

/** Of the workspace, what a package may depend on: only what is below it. */
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
