import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findLibrary } from '@motley/tensorflow/library';
import { install, type Manager, runProgram, type Scripts } from './install.ts';
import { CORE, TENSORFLOW } from './programs.ts';
import type { Registry } from './registry.ts';

/** An install that works, as measured. */
export interface InstallReport {
  readonly gradientOnWasm: readonly number[];
  /** Undefined where this machine has no TensorFlow. */
  readonly tensorflow: { readonly version: string; readonly gradient: readonly number[] } | undefined;
  readonly copiesOfCore: number;
  /** Packages whose scripts the package managers would run. */
  readonly installScripts: readonly string[];
  readonly seconds: number;
}

/** Installs every published package into one project, and runs programs there. */
export async function checkInstall(
  manager: Manager,
  scripts: Scripts,
  registry: Registry,
  scratch: string,
): Promise<InstallReport> {
  const dependencies = Object.fromEntries([...registry.names, '@tensorflow/tfjs-core'].map((name) => [name, '*']));
  const start = performance.now();
  const folder = await install(manager, scripts, dependencies, registry.url, scratch);
  const seconds = (performance.now() - start) / 1000;
  const core = JSON.parse(await runProgram(folder, CORE)) as { gradient: number[] };
  const manifests = await installedManifests(join(folder, 'node_modules'));
  return {
    gradientOnWasm: core.gradient,
    tensorflow: hasTensorflow()
      ? (JSON.parse(await runProgram(folder, TENSORFLOW)) as NonNullable<InstallReport['tensorflow']>)
      : undefined,
    copiesOfCore: manifests.filter(({ name }) => name === '@tensorflow/tfjs-core').length,
    installScripts: manifests.filter(hasInstallScript).map(({ name }) => name),
    seconds,
  };
}

function hasTensorflow(): boolean {
  try {
    findLibrary();
    return true;
  } catch {
    return false;
  }
}

interface Manifest {
  readonly name: string;
  readonly scripts?: Readonly<Record<string, string>>;
}

const INSTALL_SCRIPTS = Object.freeze(['preinstall', 'install', 'postinstall'] as const);

function hasInstallScript({ scripts = {} }: Manifest): boolean {
  return INSTALL_SCRIPTS.some((name) => name in scripts);
}

/** The manifests of the packages in a `node_modules` folder and below, without those that links lead to. */
async function installedManifests(folder: string, manifests: Manifest[] = []): Promise<Manifest[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isDirectory()) continue;
    const path = join(folder, entry.name);
    if (entry.name.startsWith('@')) await installedManifests(path, manifests);
    else if (entry.name === '.pnpm') {
      for (const name of await readdir(path)) await installedManifests(join(path, name, 'node_modules'), manifests);
    } else {
      const text = await readFile(join(path, 'package.json'), 'utf8').catch(() => undefined);
      if (text !== undefined) manifests.push(JSON.parse(text) as Manifest);
      await installedManifests(join(path, 'node_modules'), manifests);
    }
  }
  return manifests;
}
