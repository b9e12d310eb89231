import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BinaryHeaders } from '../binary/reader.ts';
import { INSTALL_COMMAND } from '../find.ts';
import type { LibraryLocation } from '../location.ts';

/** The system's knowledge of NVIDIA GPUs. */
export interface NvidiaReport {
  /** The kernel driver's version; absent where none is loaded. */
  driver?: string;
  /** Whether a GPU is on the PCI bus. */
  onBus: boolean;
  /** Whether there is a device file that this process can open (`/dev/nvidia0`; WSL: `/dev/dxg`). */
  deviceNode: boolean;
}

/** Reads `/proc` and `/sys` below `root`. Finds nothing on systems other than Linux. */
export function describeNvidia(root = '/'): NvidiaReport {
  const version = read(join(root, 'proc/driver/nvidia/version'));
  const driver = version === undefined ? undefined : (/Module.*?\s(\d+(?:\.\d+)+)/.exec(version)?.[1] ?? 'unknown');
  const bus = join(root, 'sys/bus/pci/devices');
  const onBus = list(bus).some(
    (name) =>
      read(join(bus, name, 'vendor'))?.trim() === '0x10de' &&
      read(join(bus, name, 'class'))?.startsWith('0x03') === true,
  );
  const wsl = existsSync(join(root, 'dev/dxg')) && existsSync(join(root, 'usr/lib/wsl/lib/libcuda.so.1'));
  const deviceNode = wsl || list(join(root, 'dev')).some((name) => /^nvidia\d+$/.test(name));
  return { onBus, deviceNode, ...((driver ?? wsl) && { driver: driver ?? 'WSL' }) };
}

/** Whether a library was built for CUDA, and which CUDA packages are missing beside it. */
interface CudaReport {
  build: boolean;
  missing: string[];
}

export function describeCuda(location: LibraryLocation, headers: readonly BinaryHeaders[]): CudaReport {
  // A wheel's run path names `$ORIGIN/../nvidia/cublas/lib`; the C archive needs CUDA libraries by name.
  const packages = new Set(
    headers.flatMap(({ searchPaths }) =>
      searchPaths.flatMap((path) => /\/\.\.\/nvidia\/(\w+)\/lib$/.exec(path)?.[1] ?? []),
    ),
  );
  // tensorflow[and-cuda] does not include NVSHMEM, and TensorFlow runs without it.
  packages.delete('nvshmem');
  const linked = headers.some(({ needed }) => needed.some((name) => name.startsWith('libcuda')));
  const beside = (name: string) =>
    [['..'], ['..', '..']].some((up) => existsSync(join(dirname(location.library), ...up, 'nvidia', name, 'lib')));
  return { build: packages.size > 0 || linked, missing: [...packages].filter((name) => !beside(name)).sort() };
}

export interface GpuReport {
  available: boolean;
  /** The reason why there is no GPU. */
  reason?: string;
  /** The command that cures it, if there is one. */
  cure?: string;
}

/** Explains why TensorFlow lists no GPU: the first obstacle, and its cure. */
export function explainNoGpu(
  nvidia: NvidiaReport,
  cuda: CudaReport,
  log: string,
  environment = process.env,
): GpuReport {
  const no = (reason: string, cure?: string): GpuReport => ({ available: false, reason, ...(cure && { cure }) });
  if (process.platform === 'darwin')
    return no("TensorFlow's library for macOS has no GPU of its own; Metal is a plug-in");
  if (process.platform === 'win32') return no('TensorFlow has no GPU on Windows since 2.11; under WSL 2 it has');
  if (nvidia.driver === undefined && !nvidia.deviceNode) {
    if (!nvidia.onBus) return no('this machine has no NVIDIA GPU (none on the PCI bus, no driver, no /dev/nvidia0)');
    return no("an NVIDIA GPU is on the PCI bus, but NVIDIA's driver is not loaded", driverCommand());
  }
  if (!nvidia.deviceNode)
    return no(
      "NVIDIA's driver is loaded, but /dev/nvidia0 is not here: a container without its GPUs?",
      'docker run --gpus all …',
    );
  if (process.arch !== 'x64')
    return no(`TensorFlow publishes GPU libraries for Linux on x64 only, this is ${process.arch}`);
  if (!cuda.build)
    return no('there is a GPU, but this TensorFlow library is built without CUDA', `${INSTALL_COMMAND} --gpu`);
  const visible = environment.CUDA_VISIBLE_DEVICES;
  if (visible === '' || visible === '-1')
    return no(
      `CUDA_VISIBLE_DEVICES is ${JSON.stringify(visible)}, which hides every GPU`,
      'unset CUDA_VISIBLE_DEVICES',
    );
  // CUDA may be installed in the system instead, so TensorFlow's own message decides.
  if (cuda.missing.length > 0 && /Cannot dlopen|Could not find cuda/i.test(log))
    return no(
      `CUDA libraries are missing beside the library: ${cuda.missing.join(', ')}`,
      `${INSTALL_COMMAND} --gpu --force`,
    );
  const said = log
    .split('\n')
    .filter((line) => /(?:^|\s)[EW](?:\d{4})?\s.*(?:cuda|gpu)/i.test(line))
    .at(-1);
  return no(
    said ? `TensorFlow says: ${said.replace(/^.*?\] ?/, '')}` : 'TensorFlow lists no GPU and does not say why',
    'nvidia-smi',
  );
}

function driverCommand(): string {
  const id = /^ID=(.*)$/m.exec(read('/etc/os-release') ?? '')?.[1];
  if (id === 'ubuntu') return 'sudo ubuntu-drivers install';
  if (id === 'debian') return 'sudo apt install nvidia-driver';
  return "install NVIDIA's driver: https://www.nvidia.com/drivers";
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
