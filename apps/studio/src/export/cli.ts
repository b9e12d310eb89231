#!/usr/bin/env node
import { printable, UserError } from '@motley/run';
import { Command } from 'commander';
import { exportSite } from './export-site.ts';

const program = new Command('motley-studio-export')
  .description('write a static site with the demos of runs, weights included')
  .requiredOption('--run <folder...>', 'folders of runs')
  .requiredOption('--out <folder>', 'folder of the site: new, empty, or an earlier site, which it replaces')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action(async ({ run, out }: { readonly run: readonly string[]; readonly out: string }) => {
    console.log(await exportSite({ runs: run, out }));
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  console.error(`error: ${printable(error.message)}`);
  process.exitCode = 2;
}
