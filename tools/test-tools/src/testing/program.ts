import { setTimeout } from 'node:timers/promises';

const [first] = process.argv.slice(2);
process.stdout.write(`${process.cwd()} ${String(process.env.INIT_CWD)} ${String(process.env.OWN)}\n`);
process.stderr.write(`got ${String(first)}\n`);
if (first === 'read') process.stdin.pipe(process.stdout);
if (first === 'wait') await setTimeout(60_000);
process.exitCode = 3;
