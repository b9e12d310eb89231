import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFolder } from '../folder-lock.ts';

/**
 * Locks the given folder again and again. While it holds the lock, a file `inside` names this process. Says `overlap`
 * where another living process is inside, and is killed inside in the last round where the third argument is `die`.
 */
const [folder = '', rounds = '1', end] = process.argv.slice(2);
const inside = join(folder, 'inside');

for (let round = 1; round <= Number(rounds); round++) {
  const lock = await lockFolder(folder, 60_000);
  const other = Number(await readFile(inside, 'utf8').catch(() => '0'));
  if (other !== 0 && (await isAlive(other))) process.stdout.write('overlap\n');
  await writeFile(inside, String(process.pid));
  if (end === 'die' && round === Number(rounds)) process.kill(process.pid, 'SIGKILL');
  await rm(inside);
  await lock.release();
}
process.stdout.write('done\n');

/** Whether a process runs. One that was killed stays a zombie until the process that started it takes note. */
async function isAlive(processId: number): Promise<boolean> {
  try {
    process.kill(processId, 0);
  } catch {
    return false;
  }
  const stat = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => '');
  return !stat.includes(') Z ');
}
