import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Manifest {
  readonly name?: string;
  readonly exports?: Readonly<Record<string, unknown>>;
}

/**
 * Sources of the demos of a workspace by system: of each package that exports `./demo`. Core's is not one of a system.
 * @param root folder of the workspace; without its `packages` there are none
 */
export function demoEntries(root: string): ReadonlyMap<string, string> {
  const entries = new Map<string, string>();
  const packages = join(root, 'packages');
  for (const folder of existsSync(packages) ? readdirSync(packages).sort() : []) {
    const manifest = join(packages, folder, 'package.json');
    if (folder === 'core' || !existsSync(manifest)) continue;
    const { exports } = JSON.parse(readFileSync(manifest, 'utf8')) as Manifest;
    const source = (exports?.['./demo'] as { readonly '@motley/source'?: string } | undefined)?.['@motley/source'];
    if (source !== undefined) entries.set(folder, join(packages, folder, source));
  }
  return entries;
}
