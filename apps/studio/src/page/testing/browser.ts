import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { build } from 'vite';

/** Builds the page into a folder of its own, as it is published. */
export async function buildPage(): Promise<{ readonly folder: string; readonly remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'motley-page-'));
  await build({
    configFile: fileURLToPath(new URL('../../../vite.config.ts', import.meta.url)),
    root: fileURLToPath(new URL('..', import.meta.url)),
    logLevel: 'warn',
    build: { outDir: folder, emptyOutDir: true },
  });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Debian's Chromium, or the one of `MOTLEY_CHROMIUM`. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.MOTLEY_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
}
