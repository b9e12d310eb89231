import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Refused } from './http/refusal.ts';
import { childEnvironment } from './systems/environment.ts';

/** Folder of this package, from its sources as from its build. */
const PACKAGE = join(import.meta.dirname, '../..');

/** Pages of older sources that are kept. */
const KEPT_PAGES = 2;

/**
 * Folder of the page: the built one of a published package, or one built from the sources into the cache, once for each
 * state of them. The server answers meanwhile.
 * @param tell gets a line for the user
 */
export function pageFinder(cache: string, tell: (line: string) => void): () => Promise<string> {
  let building: Promise<string> | undefined;
  return () => {
    building ??= findPage(cache, tell).catch((error: unknown) => {
      building = undefined;
      throw error;
    });
    return building;
  };
}

async function findPage(cache: string, tell: (line: string) => void): Promise<string> {
  if (!import.meta.url.endsWith('.ts') || !existsSync(join(PACKAGE, 'src/page/index.html'))) {
    const built = join(PACKAGE, 'dist/page');
    if (existsSync(join(built, 'index.html'))) return built;
    throw new Refused(503, 'the page is missing: build it with pnpm -C apps/studio build');
  }
  const folder = join(cache, 'pages', stateOf([join(PACKAGE, 'src'), join(PACKAGE, '../../packages')]));
  if (existsSync(join(folder, 'index.html'))) return folder;
  tell('building the page …');
  const startedAt = performance.now();
  const temporary = `${folder}.${process.pid}.tmp`;
  try {
    await build(temporary);
    await rename(temporary, folder).catch((error: unknown) => {
      // Another studio was faster.
      if (!existsSync(join(folder, 'index.html'))) throw error;
    });
  } catch (error) {
    throw new Refused(503, `the page cannot be built: ${(error as Error).message.split('\n')[0]!}`);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  tell(`the page is built (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
  await removeOlder(join(cache, 'pages'));
  return folder;
}

/** Builds the page in a process of its own: it takes seconds and much memory. */
async function build(folder: string): Promise<void> {
  const vite = join(dirname(fileURLToPath(import.meta.resolve('vite'))), '../../bin/vite.js');
  await promisify(execFile)(
    process.execPath,
    [vite, 'build', '--logLevel', 'error', '--emptyOutDir', '--outDir', folder],
    { cwd: PACKAGE, env: childEnvironment() },
  );
}

/** State of the sources in a few characters: names, sizes and times. */
function stateOf(folders: readonly string[]): string {
  const digest = createHash('sha256');
  const visit = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort((a, b) => a.name.localeCompare(b.name))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!/^(node_modules|dist|docs|testing|fixtures|server|reports|node|tests?)$|^\./.test(entry.name)) visit(path);
      } else if (/(?<!\.test)\.(ts|tsx|css|html|svg|json)$/.test(entry.name)) {
        const { size, mtimeMs } = statSync(path);
        digest.update(`${path}:${size}:${mtimeMs}\n`);
      }
    }
  };
  for (const folder of folders) visit(folder);
  return digest.digest('hex').slice(0, 16);
}

async function removeOlder(folder: string): Promise<void> {
  const pages = (await readdir(folder))
    .map((name) => ({ path: join(folder, name), at: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { path } of pages.slice(KEPT_PAGES)) await rm(path, { recursive: true, force: true });
}
