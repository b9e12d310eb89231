#!/usr/bin/env node
import { UserError } from '@motley/core';
import { runForecast } from './program.ts';

try {
  process.exitCode = await runForecast(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error.exitCode;
}
