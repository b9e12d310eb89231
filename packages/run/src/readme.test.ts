import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@motley/test-tools';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Summary } from './node/run/summary.ts';

const EXAMPLE = join(import.meta.dirname, 'testing/example.ts');
const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-readme-'));
});
afterAll(() => rm(folder, { recursive: true }));

it('trains and evaluates the example of the README, with the files that it lists', async () => {
  expect(readme).toContain(`\`\`\`ts\n${readFileSync(EXAMPLE, 'utf8')}\`\`\`\n`);
  const out = join(folder, 'run');
  expect(await runProgram(EXAMPLE, ['train', '--out', out], { cwd: folder })).toMatchObject({ status: 0 });
  const evaluated = await runProgram(EXAMPLE, ['evaluate', '--run', out, '--json'], { cwd: folder });
  const { metrics, baselines } = JSON.parse(evaluated.output) as Summary;
  expect(metrics.test!.loss).toBeLessThan(0.01 * baselines.zero!.loss!);
  for (const name of ['config.json', 'metrics.jsonl', 'report.html', 'summary.json', 'checkpoints/best'])
    expect([name, readme.includes(name), existsSync(join(out, name))]).toEqual([name, true, true]);
  expect(await readdir(join(out, 'checkpoints'))).toContain('step-150.state.json');
}, 120_000);

it('names every option of the commands', async () => {
  for (const command of ['train', 'sweep', 'evaluate']) {
    const { output } = await runProgram(EXAMPLE, [command, '--help'], { cwd: folder });
    const options = output.match(/^ {2}--[a-z-]+/gm)!.map((option) => option.trim());
    expect(options.filter((option) => !readme.includes(`\`${option}\``))).toEqual([]);
  }
}, 120_000);
