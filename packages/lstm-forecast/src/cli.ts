#!/usr/bin/env node
import { UserError } from '@motley/run';
import { runForecast } from './program.ts';

try {
  process.exitCode = await runForecast(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
