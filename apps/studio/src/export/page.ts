import { cp } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Puts the page of exported sites into an empty folder: the one that was built with the package, or in the workspace one
 * built now.
 */
export async function buildPage(folder: string): Promise<void> {
  const root = join(import.meta.dirname, '../..');
  if (!import.meta.filename.endsWith('.ts')) {
    await cp(join(root, 'dist/site'), folder, { recursive: true });
    return;
  }
  const { build } = await import('vite');
  await build({
    configFile: join(root, 'vite.site.config.ts'),
    logLevel: 'error',
    build: { outDir: folder, emptyOutDir: false },
  });
}
