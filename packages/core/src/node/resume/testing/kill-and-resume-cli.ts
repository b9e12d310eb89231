import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import { BACKEND_CHOICES } from '../../backend.ts';
import { killAndResume } from './kill-and-resume.ts';

const count = (text: string): number => {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new Error(`expected a number of at least 1, got ${text}`);
};
const { kills, seed, backend } = new Command('kill-and-resume')
  .description('Trains, is killed at random moments, goes on, and compares the bits with a run that was never killed.')
  .option('--kills <n>', 'in all', count, 50)
  .option('--seed <n>', 'of the moments', count, 1)
  .addOption(new Option('--backend <name>', 'backend to compute on').choices(BACKEND_CHOICES).default('auto'))
  .parse()
  .opts<{ kills: number; seed: number; backend: string }>();

const folder = await mkdtemp(join(tmpdir(), 'motley-kills-'));
try {
  const print = (line: string): void => {
    process.stdout.write(`${line}\n`);
  };
  const { runs, moments, differences } = await killAndResume({ kills, seed, backend, folder, print });
  const byMoment = Object.entries(moments).map(([name, number]) => `${name} ${number}`);
  print(`${kills} kills (${byMoment.join(', ')}) in ${runs} runs: ${differences.length} differences`);
  process.exitCode = differences.length === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true });
}
