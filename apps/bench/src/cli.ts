import { join } from 'node:path';
import { runBench } from './program.ts';

process.exitCode = await runBench(process.argv.slice(2), join(import.meta.dirname, '..', 'results'));
