import { Command } from 'commander';
import { LibraryError } from '../library/index.ts';
import { register } from '../register.ts';
import { IGNORED_SPECS } from './ignored.ts';
import { compare, type Report } from './report.ts';
import { runSpecs, type SpecResult } from './run-specs.ts';

interface Options {
  readonly filter: string;
  readonly json?: true;
}

const options = new Command('conformance')
  .description("Runs tfjs-core's own specs on native TensorFlow.")
  .option('--filter <text>', 'run only the specs whose full name contains it', '')
  .option('--json', 'print the report as JSON and nothing else')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse()
  .opts<Options>();

/** Runs `body` without the console, to which the specs of tf.print and of the profiler write. */
function withoutConsole<T>(body: () => Promise<T>): Promise<T> {
  const { log, warn } = console;
  console.log = console.warn = () => undefined;
  return body().finally(() => {
    Object.assign(console, { log, warn });
  });
}

function format({ total, passed, ignored, failed, stale }: Report, version: string): string {
  return [
    ...failed.map(({ name, error }) => `failed   ${name}\n         ${error ?? ''}`),
    ...stale.map((name) => `stale    ${name}\n         is on the list of ignored specs but does not fail`),
    `TensorFlow ${version}: ${passed} passed, ${failed.length} failed, ${ignored} ignored of ${total} specs`,
  ].join('\n');
}

const { version } = await register().catch((error: unknown) => {
  if (!(error instanceof LibraryError)) throw error;
  console.error(error.message);
  process.exit(1);
});
const results: SpecResult[] = [];
await withoutConsole(() => runSpecs(options.filter, (result) => results.push(result)));
const report = compare(results, IGNORED_SPECS, options.filter === '');
process.stdout.write(`${options.json ? JSON.stringify(report, null, 2) : format(report, version)}\n`);
process.exitCode = report.failed.length + report.stale.length > 0 ? 1 : 0;
