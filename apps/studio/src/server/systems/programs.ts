import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Packages of the workspace that are no systems. */
const NO_SYSTEMS: ReadonlySet<string> = new Set(['core', 'run', 'tensorflow', 'webassembly']);

/** Command line of a system, as a process of Node. */
export interface SystemProgram {
  readonly name: string;
  readonly folder: string;
  /** Arguments of Node before those of the system. */
  readonly nodeArguments: readonly string[];
  /** How a person calls it. */
  readonly shown: string;
  readonly hasDemo: boolean;
  /** Folders whose files decide what it says of itself. */
  readonly sources: readonly string[];
}

/** Systems of a workspace: packages with a configuration and a command line. Where it has none, the installed ones. */
export function findPrograms(workspace: string): SystemProgram[] {
  const packages = join(workspace, 'packages');
  const names = existsSync(packages) ? readdirSync(packages).sort() : [];
  const own = names.flatMap((name) => {
    const folder = join(packages, name);
    const has = (file: string): boolean => existsSync(join(folder, 'src', file));
    if (NO_SYSTEMS.has(name) || !/^[a-z0-9-]+$/.test(name) || !has('cli.ts') || !has('config.ts')) return [];
    return {
      name,
      folder,
      nodeArguments: ['--conditions=@motley/source', '--import', 'tsx', 'src/cli.ts'],
      shown: `pnpm --filter ${name}`,
      hasDemo: has('demo.ts'),
      sources: [join(folder, 'src'), join(packages, 'run/src/config'), join(packages, 'run/src/node/commands')],
    };
  });
  return own.length > 0 ? own : installedPrograms();
}

/** Systems that the studio's package depends on, as installed from a registry. */
function installedPrograms(): SystemProgram[] {
  return dependencies().flatMap((name) => {
    try {
      const folder = dirname(fileURLToPath(import.meta.resolve(`@motley/${name}`)));
      const cli = join(folder, 'cli.js');
      if (!existsSync(cli)) return [];
      const hasDemo = existsSync(join(folder, 'demo.js'));
      return [{ name, folder, nodeArguments: [cli], shown: `npx motley-${name}`, hasDemo, sources: [folder] }];
    } catch {
      return [];
    }
  });
}

function dependencies(): string[] {
  try {
    const path = join(import.meta.dirname, '../../../package.json');
    const { dependencies: all } = JSON.parse(readFileSync(path, 'utf8')) as { dependencies: Record<string, string> };
    return Object.keys(all).flatMap((each) => {
      const name = /^@motley\/([a-z0-9-]+)$/.exec(each)?.[1];
      return name === undefined || NO_SYSTEMS.has(name) ? [] : [name];
    });
  } catch {
    return [];
  }
}

/** State of the sources of a program in a few characters. */
export function stampOfSources({ sources }: SystemProgram): string {
  let [count, newest, bytes] = [0, 0, 0];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) visit(path);
      else if (/(?<!\.test)\.(ts|js)$/.test(entry.name)) {
        const stats = statSync(path);
        count++;
        bytes += stats.size;
        newest = Math.max(newest, stats.mtimeMs);
      }
    }
  };
  for (const folder of sources) if (existsSync(folder)) visit(folder);
  return `${count}:${bytes}:${newest}`;
}
