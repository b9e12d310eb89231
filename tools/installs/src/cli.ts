import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkInstall } from './check-install.ts';
import { MANAGERS, type Scripts } from './install.ts';
import { configuredRegistry, publishAll, publishedFolders } from './packages.ts';
import { serveRegistry } from './registry.ts';

const SCRIPTS: readonly Scripts[] = ['allowed', 'forbidden', 'undecided'];

// The whole matrix: every package manager, with scripts allowed, forbidden and undecided.
const scratch = await mkdtemp(join(tmpdir(), 'motley-installs-'));
const registry = await serveRegistry(await configuredRegistry());
try {
  await publishAll(await publishedFolders(), registry, scratch);
  for (const manager of MANAGERS)
    for (const scripts of SCRIPTS) {
      const { seconds, tensorflow } = await checkInstall(manager, scripts, registry, scratch);
      const native = tensorflow === undefined ? 'no TensorFlow here' : `TensorFlow ${tensorflow.version}`;
      console.log(
        `${manager.padEnd(4)}  scripts ${scripts.padEnd(9)}  ${seconds.toFixed(1)} s  ${native}, WebAssembly`,
      );
    }
} finally {
  await registry.close();
  await rm(scratch, { recursive: true, force: true });
}
