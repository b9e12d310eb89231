import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BinaryHeaders } from '../binary/reader.ts';
import { parseCpuInfo } from './cpu.ts';
import { describeCuda, describeNvidia, explainNoGpu } from './gpu.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'motley-machine-'));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function put(path: string, content = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

describe('parseCpuInfo', () => {
  it('reads the instruction sets of x86 and Arm', () => {
    const x86 =
      'processor\t: 0\nmodel name\t: AMD EPYC\nflags\t\t: fpu fma avx avx2 avx512f avx512_bf16\n\nprocessor\t: 1\n';
    expect(parseCpuInfo(x86, 'x64')).toEqual({
      AVX2: true,
      FMA: true,
      AVX512F: true,
      AVX512_VNNI: false,
      AVX512_BF16: true,
      AMX_BF16: false,
      AMX_INT8: false,
    });
    const arm = 'processor\t: 0\nFeatures\t: fp asimd bf16 sve\n';
    expect(parseCpuInfo(arm, 'arm64')).toEqual({ NEON: true, BF16: true, I8MM: false, SVE: true, SVE2: false });
    expect(parseCpuInfo('', 'x64')).toEqual({});
  });
});

describe('describeNvidia', () => {
  it('finds a card on the bus, its driver, its device file', () => {
    expect(describeNvidia(root)).toEqual({ onBus: false, deviceNode: false });
    put('sys/bus/pci/devices/0000:00:02.0/vendor', '0x8086\n');
    put('sys/bus/pci/devices/0000:00:02.0/class', '0x030000\n');
    put('sys/bus/pci/devices/0000:01:00.1/vendor', '0x10de\n');
    put('sys/bus/pci/devices/0000:01:00.1/class', '0x040300\n'); // its audio function
    expect(describeNvidia(root).onBus).toBe(false);
    put('sys/bus/pci/devices/0000:01:00.0/vendor', '0x10de\n');
    put('sys/bus/pci/devices/0000:01:00.0/class', '0x030200\n');
    expect(describeNvidia(root)).toEqual({ onBus: true, deviceNode: false });
    put(
      'proc/driver/nvidia/version',
      'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.133.20  Release Build\nGCC version: 12\n',
    );
    put('dev/nvidiactl');
    expect(describeNvidia(root)).toEqual({ onBus: true, deviceNode: false, driver: '570.133.20' });
    put('dev/nvidia0');
    expect(describeNvidia(root).deviceNode).toBe(true);
  });

  it('finds the GPU of WSL', () => {
    put('dev/dxg');
    put('usr/lib/wsl/lib/libcuda.so.1');
    expect(describeNvidia(root)).toEqual({ onBus: false, deviceNode: true, driver: 'WSL' });
  });
});

describe('describeCuda', () => {
  const headers = (searchPaths: string[], needed: string[] = []): BinaryHeaders => ({
    format: 'ELF',
    architecture: 'x64',
    describedBytes: 0,
    needed,
    searchPaths,
  });

  it('recognizes a CUDA build by its run path, and lists the missing packages', () => {
    const location = {
      source: 'cache',
      folder: join(root, 'tensorflow'),
      library: join(root, 'tensorflow', 'a.so'),
    } as const;
    expect(describeCuda(location, [headers(['$ORIGIN/'])])).toEqual({ build: false, missing: [] });
    const paths = ['cublas', 'cudnn', 'nvshmem'].flatMap((name) => [
      `$ORIGIN/../../nvidia/${name}/lib`,
      `$ORIGIN/../nvidia/${name}/lib`,
    ]);
    put('nvidia/cublas/lib/libcublas.so.12');
    expect(describeCuda(location, [headers(['$ORIGIN/']), headers(paths)])).toEqual({
      build: true,
      missing: ['cudnn'],
    });
    expect(describeCuda(location, [headers([], ['libcudart.so.12'])]).build).toBe(true);
  });
});

// The reasons are for Linux; macOS and Windows have one each.
describe.runIf(process.platform === 'linux' && process.arch === 'x64')('explainNoGpu', () => {
  const card = { onBus: true, deviceNode: true, driver: '570.133.20' };
  const cuda = { build: true, missing: [] };
  const log = 'I0000 00:00:1 gpu_device.cc:1] GPU libraries are statically linked\n';

  it('names the first obstacle, and the command that removes it', () => {
    const none = { onBus: false, deviceNode: false };
    expect(explainNoGpu(none, cuda, log)).toEqual({
      available: false,
      reason: 'this machine has no NVIDIA GPU (none on the PCI bus, no driver, no /dev/nvidia0)',
    });
    expect(explainNoGpu({ onBus: true, deviceNode: false }, cuda, log).reason).toContain('driver is not loaded');
    expect(explainNoGpu({ ...card, deviceNode: false }, cuda, log).cure).toContain('--gpus all');
    expect(explainNoGpu(card, { build: false, missing: [] }, log)).toEqual({
      available: false,
      reason: 'there is a GPU, but this TensorFlow library is built without CUDA',
      cure: 'pnpm tensorflow install --gpu',
    });
    expect(explainNoGpu(card, cuda, log, { CUDA_VISIBLE_DEVICES: '-1' }).cure).toBe('unset CUDA_VISIBLE_DEVICES');
    const missing = { build: true, missing: ['cudnn'] };
    const dlopen = 'W0000 00:00:1 gpu_device.cc:2341] Cannot dlopen some GPU libraries. Please make sure …\n';
    expect(explainNoGpu(card, missing, dlopen)).toMatchObject({
      reason: 'CUDA libraries are missing beside the library: cudnn',
      cure: 'pnpm tensorflow install --gpu --force',
    });
  });

  it("ends with TensorFlow's own words", () => {
    const failed = `${log}E0000 00:00:1.5 311 cuda_executor.cc:1228] INTERNAL: failed call to cuInit: UNKNOWN ERROR (303)\n`;
    expect(explainNoGpu(card, cuda, failed, {}).reason).toBe(
      'TensorFlow says: INTERNAL: failed call to cuInit: UNKNOWN ERROR (303)',
    );
    expect(explainNoGpu(card, cuda, '', {}).reason).toBe('TensorFlow lists no GPU and does not say why');
  });
});
