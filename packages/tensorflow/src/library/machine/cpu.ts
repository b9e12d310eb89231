import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';

export interface CpuReport {
  model: string;
  /** Logical cores that this process may use. */
  cores: number;
  /** Instruction sets that TensorFlow's kernels use, and whether this CPU has them; empty where unknown. */
  features: Record<string, boolean>;
}

/** The system's name of each instruction set, by its common name. */
const LINUX_FLAGS: Partial<Record<NodeJS.Architecture, Record<string, string>>> = {
  x64: {
    AVX2: 'avx2',
    FMA: 'fma',
    AVX512F: 'avx512f',
    AVX512_VNNI: 'avx512_vnni',
    AVX512_BF16: 'avx512_bf16',
    AMX_BF16: 'amx_bf16',
    AMX_INT8: 'amx_int8',
  },
  arm64: { NEON: 'asimd', BF16: 'bf16', I8MM: 'i8mm', SVE: 'sve', SVE2: 'sve2' },
};
const DARWIN_KEYS: Partial<Record<NodeJS.Architecture, Record<string, string>>> = {
  x64: { AVX2: 'hw.optional.avx2_0', FMA: 'hw.optional.fma', AVX512F: 'hw.optional.avx512f' },
  arm64: { NEON: 'hw.optional.neon', BF16: 'hw.optional.arm.FEAT_BF16', I8MM: 'hw.optional.arm.FEAT_I8MM' },
};

export function describeCpu(): CpuReport {
  const report = { model: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism() };
  return { ...report, features: readFeatures() };
}

function readFeatures(): Record<string, boolean> {
  try {
    if (process.platform === 'linux') return parseCpuInfo(readFileSync('/proc/cpuinfo', 'utf8'));
  } catch {
    return {};
  }
  if (process.platform !== 'darwin') return {};
  const entries = Object.entries(DARWIN_KEYS[process.arch] ?? {}).map(([name, key]) => {
    const { stdout } = spawnSync('sysctl', ['-n', key], { encoding: 'utf8', timeout: 5000 });
    return [name, stdout.trim() === '1'] as const;
  });
  return Object.fromEntries(entries);
}

/** Reads the instruction sets in Linux's `/proc/cpuinfo` (`flags` on x86, `Features` on Arm). */
export function parseCpuInfo(text: string, arch: NodeJS.Architecture = process.arch): Record<string, boolean> {
  const line = /^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1];
  if (line === undefined) return {};
  const present = new Set(line.trim().split(/\s+/));
  return Object.fromEntries(Object.entries(LINUX_FLAGS[arch] ?? {}).map(([name, flag]) => [name, present.has(flag)]));
}
