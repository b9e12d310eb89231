import { existsSync } from 'node:fs';
import { UserError } from '@motley/run';
import { chooseBackend, type BackendReport } from '../../node/backend.ts';

export type BackendName = BackendReport['backend'];

/** Backends in the order in which `chooseBackend` prefers them. */
export const BACKENDS = ['tensorflow', 'webgpu', 'wasm', 'cpu'] as const satisfies readonly BackendName[];

const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** Starts a backend. Without a GPU, WebGPU uses the software adapter of Debian's Chromium. */
export async function startBackend(backend: BackendName): Promise<BackendReport> {
  const hasDriver = process.env.VK_DRIVER_FILES !== undefined || process.env.VK_ICD_FILENAMES !== undefined;
  if (backend === 'webgpu' && !hasDriver && existsSync(SWIFTSHADER)) process.env.VK_DRIVER_FILES = SWIFTSHADER;
  return chooseBackend(backend);
}

/** Backends that work here, and the reasons why others do not. */
export async function findBackends(): Promise<{ readonly found: BackendName[]; readonly missing: string[] }> {
  const found: BackendName[] = [];
  const missing: string[] = [];
  for (const backend of BACKENDS) {
    try {
      await startBackend(backend);
      found.push(backend);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      missing.push(error.message);
    }
  }
  return { found, missing };
}
