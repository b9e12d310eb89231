import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { findLibrary, installLibrary, LibraryError, reportInstall } from '@motley/tensorflow/library';

/**
 * `pnpm quickstart`: gets TensorFlow's library where there is none, trains the VAE on MNIST for a few epochs, and says
 * where the pictures are. Where TensorFlow cannot be had, it trains a smaller network on WebAssembly.
 */
const root = join(import.meta.dirname, '..');

async function ensureLibrary(): Promise<boolean> {
  try {
    console.log(`TensorFlow: ${findLibrary().library}`);
    return true;
  } catch (error) {
    if (!(error instanceof LibraryError && error.code === 'not-found')) throw error;
  }
  const report = await reportInstall();
  try {
    const { location } = await installLibrary({ onEvent: report.listener });
    console.log(`TensorFlow: ${location.library}`);
    return true;
  } catch (error) {
    if (!(error instanceof LibraryError)) throw error;
    report.stop();
    console.log(`Without TensorFlow, on WebAssembly: ${error.message}`);
    return false;
  } finally {
    report.stop();
  }
}

async function train(folder: string, options: readonly string[]): Promise<number> {
  const cli = join(root, 'packages/vae/src/cli.ts');
  const args = ['--conditions=@motley/source', '--import', 'tsx', cli, 'train', '--out', folder, ...options];
  const env = { ...process.env, INIT_CWD: root };
  const child = spawn(process.execPath, args, { cwd: join(root, 'packages/vae'), stdio: 'inherit', env });
  // The child saves a checkpoint and says so; this process only waits for it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}

/** Shows the run in the studio, until it is ended. */
async function openStudio(): Promise<number> {
  console.log('The studio shows it in a browser. Control-C ends it; `npx pnpm@12 studio` brings it back.');
  const cli = join(root, 'apps/studio/src/server/cli.ts');
  const child = spawn(process.execPath, ['--conditions=@motley/source', '--import', 'tsx', cli], {
    cwd: root,
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 0;
}

try {
  const isNative = await ensureLibrary();
  const name = `quickstart-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}`;
  const folder = join(root, 'runs/vae', name);
  const code = await train(folder, isNative ? ['--epochs', '3'] : ['--fast', '--steps', '1500', '--backend', 'wasm']);
  if (code === 0) {
    const figures = (await readdir(join(folder, 'figures'))).filter((file) => file.endsWith('.png'));
    console.log('\nPictures:');
    for (const figure of figures) console.log(`  ${relative(root, join(folder, 'figures', figure))}`);
    console.log(`All of it on one page: ${relative(root, join(folder, 'report.html'))}`);
    if (process.stdout.isTTY && !process.argv.includes('--no-open')) process.exitCode = await openStudio();
    else console.log('Live, with the network to try: npx pnpm@12 studio');
  }
  if (code !== 0) process.exitCode = code;
} catch (error) {
  console.error(`error: ${(error as Error).message}`);
  process.exitCode = error instanceof LibraryError ? 2 : 1;
}
