import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkInstall } from './check-install.ts';
import { MANAGERS } from './install.ts';
import { builtFolders, configuredRegistry, publishAll } from './packages.ts';
import { type Registry, serveRegistry } from './registry.ts';

const TIMEOUT_IN_MS = 300_000;

describe('the packages, from a registry', () => {
  let scratch: string;
  let registry: Registry;

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'motley-installs-'));
    registry = await serveRegistry(await configuredRegistry());
    await publishAll(await builtFolders(), registry, scratch);
  }, TIMEOUT_IN_MS);

  afterAll(async () => {
    await registry.close();
    await rm(scratch, { recursive: true, force: true });
  });

  it.each(MANAGERS)(
    'are installed by %s, which was told nothing about scripts, and compute',
    async (manager) => {
      const report = await checkInstall(manager, 'undecided', registry, scratch);
      expect(report.gradientOnWasm).toEqual([16, 16, 16, 16]);
      if (report.tensorflow !== undefined) expect(report.tensorflow.gradient).toEqual([3, 5, 7]);
      expect(report.copiesOfCore).toBe(1);
      expect(report.installScripts).toEqual([]);
    },
    TIMEOUT_IN_MS,
  );
});
