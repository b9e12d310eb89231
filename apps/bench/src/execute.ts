import { spawnSync } from 'node:child_process';

/**
 * Runs a program to its end.
 * @throws Error with the line that tells why it failed
 */
export function execute(program: string, args: readonly string[]): void {
  const { error, status, stderr } = spawnSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] });
  if (error) throw new Error(`pnpm bench setup needs ${program}: ${error.message}`);
  if (status === 0) return;
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const reason = lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? `exit status ${String(status)}`;
  throw new Error(`${program} failed: ${reason}`);
}
