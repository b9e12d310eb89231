import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fuzz, tableOf } from './fuzz.ts';

const USAGE = `Changes good files at random, and has every reader read them.

  pnpm fuzz [--mutants N] [--seed S] [READER…]

  --mutants N      mutants of all readers together (default 100000)
  --seed S         seed of the changes (default 1)
  --processes N    child processes (default: one per core)
  --timeout-ms T   time of one mutant (default 10000)
  --out DIR        folder for mutants of bad outcomes (default reports/fuzz)

Exit status 1 where a reader crashed, hung, ran out of memory or stack, changed Object.prototype, or refused a file with
anything but one clear line.
`;

const { values, positionals } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== '--'),
  allowPositionals: true,
  options: {
    mutants: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    processes: { type: 'string', default: String(availableParallelism()) },
    'timeout-ms': { type: 'string', default: '10000' },
    out: { type: 'string', default: join(import.meta.dirname, '../reports/fuzz') },
    help: { type: 'boolean', default: false },
  },
});

function integer(name: 'mutants' | 'seed' | 'processes' | 'timeout-ms'): number {
  const value = Number(values[name]);
  if (!Number.isSafeInteger(value) || value < Number(name !== 'seed')) {
    process.stderr.write(`fuzz: --${name}: expected a positive integer, got ${values[name]}\n`);
    process.exit(2);
  }
  return value;
}

if (values.help) process.stdout.write(USAGE);
else {
  const startedAt = performance.now();
  const { outcomes, bad } = await fuzz({
    names: positionals,
    mutants: integer('mutants'),
    seed: integer('seed'),
    processes: integer('processes'),
    timeoutInMs: integer('timeout-ms'),
    out: values.out,
    onProgress: (done) => {
      if (done % 5000 === 0) process.stderr.write(`${done} mutants\n`);
    },
  });
  process.stdout.write(`${tableOf(outcomes)}\n`);
  for (const line of bad) process.stdout.write(`${line}\n`);
  process.stdout.write(`${bad.length} bad outcomes in ${((performance.now() - startedAt) / 1000).toFixed(1)} s\n`);
  process.exitCode = bad.length > 0 ? 1 : 0;
}
