import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { UserError } from '@motley/run';

const TEMPLATE = join(import.meta.dirname, '../template');
const CHANGESET = 'changeset.md';
const MAX_NAME_LENGTH = 40;

/**
 * Checks a new system's name.
 * @throws UserError where it is no kebab-case name of a package, or another package has it
 */
export function checkName(root: string, name: string): void {
  const expected = `expected a kebab-case name of at most ${MAX_NAME_LENGTH} characters, such as sine-rnn`;
  if (!/^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/.test(name) || name.length > MAX_NAME_LENGTH)
    throw new UserError(`create-system: ${expected}, got "${name}"`);
  const taken = ['packages', 'apps', 'tools']
    .map((parent) => `${parent}/${name}`)
    .find((path) => existsSync(join(root, path)));
  if (taken !== undefined)
    throw new UserError(`create-system: expected a name that no package has, got "${name}", which ${taken} has`);
}

/**
 * Writes a system that trains as it stands into a workspace.
 * @param root folder of the workspace
 * @returns the files, from the root
 * @throws UserError naming what is wrong with the name
 */
export async function writeSystem(root: string, name: string): Promise<string[]> {
  checkName(root, name);
  const entries = await readdir(TEMPLATE, { recursive: true, withFileTypes: true });
  const sources = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    sources.map(async (source) => {
      const file = targetOf(source.slice(TEMPLATE.length + 1).replaceAll('\\', '/'), name);
      const content = await readFile(source);
      await mkdir(dirname(join(root, file)), { recursive: true });
      await writeFile(join(root, file), file.endsWith('.png') ? content : named(content.toString(), name), {
        flag: 'wx',
      });
      return file;
    }),
  );
}

/** Place of a file of the template in the workspace. Files that tools would take for their own end in `.template`. */
function targetOf(file: string, name: string): string {
  const plain = file.replace(/\.template$/, '');
  return plain === CHANGESET ? `.changeset/add-${name}.md` : `packages/${name}/${plain}`;
}

/** `new-system` becomes the name, and `NewSystem` the name in PascalCase. */
function named(text: string, name: string): string {
  const pascal = name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return text.replaceAll('new-system', name).replaceAll('NewSystem', pascal);
}

/**
 * Links a new system into the workspace, and formats its files, whose lines are as long as its name.
 * @throws Error where a program fails
 */
export function finishSystem(root: string, files: readonly string[]): void {
  run(root, 'pnpm', ['install', '--no-frozen-lockfile', '--prefer-offline']);
  run(root, join(root, 'node_modules/.bin/prettier'), ['--write', '--ignore-unknown', '--log-level', 'warn', ...files]);
}

function run(cwd: string, program: string, argv: readonly string[]): void {
  const { status, error } = spawnSync(program, argv, {
    cwd,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error(`${program} ${argv[0]!} failed: ${error?.message ?? `status ${String(status)}`}`);
}
