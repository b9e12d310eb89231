import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { install } from './install.ts';
import { configuredRegistry, publishAll, publishedFolders } from './packages.ts';
import { serveRegistry } from './registry.ts';

// The weight of the libraries, each installed alone by npm with its peers.
const scratch = await mkdtemp(join(tmpdir(), 'motley-weights-'));
const registry = await serveRegistry(await configuredRegistry());
try {
  await publishAll(await publishedFolders(), registry, scratch);
  for (const name of ['@motley/webassembly', '@motley/tensorflow', '@motley/run', '@motley/core', '@motley/vae']) {
    const folder = await install('npm', 'undecided', { [name]: '*' }, registry.url, join(scratch, name));
    const modules = join(folder, 'node_modules');
    const core = await weight(join(modules, '@tensorflow/tfjs-core'));
    console.log(`${name.padEnd(20)} ${megabytes(await weight(modules))} MB, tfjs-core ${megabytes(core)} MB of them`);
  }
} finally {
  await registry.close();
  await rm(scratch, { recursive: true, force: true });
}

/** Bytes of the files in a folder. */
async function weight(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1).padStart(6);
}
