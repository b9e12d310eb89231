import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Whether the user lets dependencies run scripts as they are installed, forbids it, or has not been asked. */
export type Scripts = 'allowed' | 'forbidden' | 'undecided';
export const MANAGERS = Object.freeze(['npm', 'pnpm', 'yarn'] as const);
export type Manager = (typeof MANAGERS)[number];

/** A port on which nothing listens: whatever does not go to the registry on this machine fails. */
const NOWHERE = 'http://127.0.0.1:9';

/** Installs dependencies into a new folder, with no network but the registry. @returns the folder */
export async function install(
  manager: Manager,
  scripts: Scripts,
  dependencies: Readonly<Record<string, string>>,
  registry: string,
  scratch: string,
): Promise<string> {
  const folder = join(scratch, `${manager}-${scripts}`);
  await mkdir(folder, { recursive: true });
  const manifest = { name: 'stranger', version: '1.0.0', private: true, type: 'module', dependencies };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
  const [program, ...args] = await command(manager, scripts, folder, registry, join(scratch, `cache-${manager}`));
  const env = {
    PATH: process.env.PATH,
    HOME: scratch,
    HTTP_PROXY: NOWHERE,
    HTTPS_PROXY: NOWHERE,
    NO_PROXY: '127.0.0.1',
    CI: '1',
  };
  try {
    await run(program!, args, { cwd: folder, env, maxBuffer: 1 << 26 });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${manager}, scripts ${scripts}: the install failed\n${stdout}\n${stderr}`, { cause: error });
  }
  return folder;
}

async function command(
  manager: Manager,
  scripts: Scripts,
  folder: string,
  registry: string,
  cache: string,
): Promise<string[]> {
  if (manager === 'npm') {
    const flags = ['--no-audit', '--no-fund', `--registry=${registry}`, `--cache=${cache}`];
    return ['npm', 'install', ...flags, ...(scripts === 'forbidden' ? ['--ignore-scripts'] : [])];
  }
  if (manager === 'pnpm') {
    const settings = scripts === 'allowed' ? 'dangerouslyAllowAllBuilds: true\n' : '';
    await writeFile(join(folder, 'pnpm-workspace.yaml'), `${settings}minimumReleaseAge: 0\npackages: []\n`);
    const flags = [`--registry=${registry}`, `--store-dir=${cache}`, '--no-frozen-lockfile'];
    return ['pnpm', 'install', ...flags, ...(scripts === 'forbidden' ? ['--ignore-scripts'] : [])];
  }
  const settings = [
    `npmRegistryServer: '${registry}'`,
    "unsafeHttpWhitelist: ['127.0.0.1']",
    'nodeLinker: node-modules',
    'enableTelemetry: false',
    'npmMinimalAgeGate: 0',
    'enableImmutableInstalls: false',
    `enableScripts: ${scripts === 'allowed'}`,
    `globalFolder: '${cache}'`,
  ];
  await writeFile(join(folder, '.yarnrc.yml'), `${settings.join('\n')}\n`);
  await writeFile(join(folder, 'yarn.lock'), '');
  const yarn = createRequire(import.meta.url).resolve('@yarnpkg/cli-dist/bin/yarn.js');
  return [process.execPath, yarn, 'install'];
}

/** Writes a program into the folder and runs it. @returns what it printed */
export async function runProgram(folder: string, source: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  await writeFile(join(folder, 'program.js'), source);
  const { stdout } = await run(process.execPath, ['program.js'], { cwd: folder, env: { ...process.env, ...env } });
  return stdout;
}
