import type { DoctorReport } from './doctor.ts';
import { formatBytes } from './install/disk.ts';

/** Formats a doctor's report as text. */
export function formatDoctor(report: DoctorReport): string {
  const { library, problem, cpu, system, gpu, cache } = report;
  const lines: string[] = [];
  const add = (name: string, text: string) => lines.push(`${name.padEnd(11)} ${text}`);

  if (library?.tensorflow) add('TensorFlow', `${library.tensorflow}${library.cuda ? ', built for CUDA' : ''}`);
  else add('TensorFlow', 'not usable');
  if (library) add('library', `${library.library} (${library.source})`);
  if (problem) add('problem', problem.message);
  if (problem?.cure) add('cure', problem.cure);
  for (const { name, type, memoryInBytes } of report.devices)
    add('device', `${type} ${name}${type === 'CPU' ? '' : `, ${formatBytes(memoryInBytes)}`}`);
  add('GPU', gpu.available ? 'yes' : `none: ${gpu.reason ?? 'unknown'}`);
  if (gpu.cure) add('cure', gpu.cure);
  add('CPU', `${cpu.model}, ${cpu.cores} cores`);
  const features = Object.entries(cpu.features);
  const having = (wanted: boolean) => features.filter(([, has]) => has === wanted).map(([name]) => name);
  if (features.length > 0)
    add('', `has ${having(true).join(', ') || 'none'}; lacks ${having(false).join(', ') || 'none'}`);
  const libc = system.platform === 'linux' ? `, ${system.glibc ? `glibc ${system.glibc}` : 'no glibc (musl?)'}` : '';
  add('system', `${system.platform}-${system.arch}${libc}, Node ${system.node}`);
  add('installer', report.installer);
  add('cache', `${cache.folder}, ${formatBytes(cache.freeBytes)} free`);
  lines.push('searched, in this order:');
  for (const { source, where, result, reason } of report.searched)
    lines.push(`  ${source.padEnd(9)} ${where}: ${reason ?? (result === 'found' ? 'found' : 'nothing there')}`);
  return lines.join('\n');
}
