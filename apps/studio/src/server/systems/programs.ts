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
  /** File of its demo. */
  readonly demo: string | undefined;
  /** Folders whose files decide what it says of itself. */
  readonly sources: readonly string[];
}

/** Part of a package's manifest that names its systems. */
interface Manifest {
  readonly bin?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

function readManifest(folder: string): Manifest | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
  } catch {
    return undefined;
  }
}

/** Systems that a package has: one for each command `motley-<system>`, with the file that the command starts. */
function systemsOf({ bin }: Manifest): { readonly name: string; readonly file: string }[] {
  return Object.entries(bin ?? {}).flatMap(([command, file]) => {
    const name = /^motley-([a-z0-9-]+)$/.exec(command)?.[1];
    return name === undefined ? [] : [{ name, file }];
  });
}

function demoOf(folder: string, { exports }: Manifest, condition: string): string | undefined {
  const file = exports?.['./demo']?.[condition];
  return file === undefined ? undefined : join(folder, file);
}

/** Systems of a workspace: those of its packages with a configuration and a command line. Without any, the installed ones. */
export function findPrograms(workspace: string): SystemProgram[] {
  const packages = join(workspace, 'packages');
  const names = existsSync(packages) ? readdirSync(packages).sort() : [];
  const own = names.flatMap((name) => {
    const folder = join(packages, name);
    const manifest = NO_SYSTEMS.has(name) ? undefined : readManifest(folder);
    return manifest === undefined ? [] : sourcePrograms(packages, name, manifest);
  });
  return own.length > 0 ? own : installedPrograms();
}

function sourcePrograms(packages: string, packageName: string, manifest: Manifest): SystemProgram[] {
  const folder = join(packages, packageName);
  return systemsOf(manifest).flatMap(({ name, file }) => {
    const cli = file.replace(/^(?:\.\/)?dist\/(.*)\.js$/, 'src/$1.ts');
    const hasFiles = existsSync(join(folder, cli)) && existsSync(join(folder, dirname(cli), 'config.ts'));
    if (!hasFiles) return [];
    // A second system of a package has a script, which takes the commands as arguments.
    const script = Object.entries(manifest.scripts ?? {}).find(([, command]) => command.endsWith(` ${cli}`))?.[0];
    return {
      name,
      folder,
      nodeArguments: ['--conditions=@motley/source', '--import', 'tsx', cli],
      shown: `pnpm --filter ${packageName}${script === undefined ? '' : ` ${script}`}`,
      demo: demoOf(folder, manifest, '@motley/source'),
      sources: [join(folder, 'src'), join(packages, 'run/src/config'), join(packages, 'run/src/node/commands')],
    };
  });
}

/** Systems of the packages that the studio's own depends on, as installed from a registry. */
function installedPrograms(): SystemProgram[] {
  return dependencies().flatMap((packageName) => {
    try {
      const folder = dirname(dirname(fileURLToPath(import.meta.resolve(`@motley/${packageName}`))));
      const manifest = readManifest(folder);
      if (manifest === undefined) return [];
      return systemsOf(manifest).map(({ name, file }) => ({
        name,
        folder,
        nodeArguments: [join(folder, file)],
        shown: `npx motley-${name}`,
        demo: demoOf(folder, manifest, 'default'),
        sources: [join(folder, 'dist')],
      }));
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
