import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

const VIRTUAL = 'virtual:demos';
const RESOLVED = `\0${VIRTUAL}`;

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
}

/** Dependencies of the studio that export `./demo`, by their names without the scope. Core's is not one of a system. */
export function systemsWithDemo(folder: string): string[] {
  const read = (path: string) => JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Manifest;
  const names = Object.keys(read(folder).dependencies ?? {}).filter((name) => name.startsWith('@motley/'));
  return names
    .filter((name) => name !== '@motley/core' && './demo' in (read(join(folder, 'node_modules', name)).exports ?? {}))
    .map((name) => name.slice('@motley/'.length));
}

/**
 * Gives the page `virtual:demos`: by the name of a system, a function that imports its demo.
 * @param folder of the studio's package
 */
export function demos(folder: string): Plugin {
  return {
    name: 'motley-demos',
    resolveId: (id) => (id === VIRTUAL ? RESOLVED : undefined),
    load(id) {
      if (id !== RESOLVED) return undefined;
      const entries = systemsWithDemo(folder).map(
        (name) => `  ${JSON.stringify(name)}: () => import('@motley/${name}/demo'),`,
      );
      return `export const demos = {\n${entries.join('\n')}\n};\n`;
    },
  };
}
