#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { formatDoctor, installLibrary, LibraryError, reportInstall, runDoctor } from './library/index.ts';

interface InstallFlags {
  gpu?: true;
  tfVersion?: string;
  archive?: string;
  force?: true;
  json?: true;
}

const interrupt = new AbortController();
const print = (text: string) => process.stdout.write(`${text}\n`);
const printJson = (value: unknown) => print(JSON.stringify(value, null, 2));

const program = new Command('tensorflow')
  .description("Installs and examines TensorFlow's native library.")
  .exitOverride()
  .configureOutput({ outputError: () => undefined })
  .enablePositionalOptions();

program
  .command('install')
  .description('download the library into the cache, by pip or uv, or as the official C archive')
  .option('--gpu', 'install the CUDA build and the CUDA libraries that it needs')
  .option('--tf-version <version>', 'install this TensorFlow release (default: the newest known to work)')
  .option('--archive <url>', 'download a C library archive (.tar.gz or .zip) instead of using pip')
  .option('--force', 'download again, even if the library is installed')
  .option('--json', 'print the installed library as JSON')
  .action(install);

program
  .command('doctor')
  .description('report which library is found, whether it works, its devices, and the cure of any fault')
  .option('--json', 'print the report as JSON')
  .action(doctor);

async function install(flags: InstallFlags): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      interrupt.abort();
    });
  const report = await reportInstall();
  try {
    const { location, record, downloaded } = await installLibrary({
      ...(flags.gpu && { gpu: true }),
      ...(flags.force && { force: true }),
      ...(flags.tfVersion !== undefined && { version: flags.tfVersion }),
      ...(flags.archive !== undefined && { archive: flags.archive }),
      onEvent: report.listener,
      signal: interrupt.signal,
    });
    report.stop();
    if (flags.json) printJson({ ...location, ...record, downloaded });
    else
      print(`TensorFlow ${record.version} ${downloaded ? 'installed' : 'is installed already'}: ${location.library}`);
  } finally {
    report.stop();
  }
}

async function doctor(flags: { json?: true }): Promise<void> {
  const report = await runDoctor();
  if (flags.json) printJson(report);
  else print(formatDoctor(report));
  process.exitCode = report.usable ? 0 : 1;
}

/**
 * Prints one line to standard error and sets the exit code: 2 for a wrong command line, 130 for an interrupt, else 1.
 */
function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return;
    const text = error.code === 'commander.help' ? 'error: a command is expected: install or doctor' : error.message;
    process.stderr.write(`${onOneLine(text)}\n`);
    process.exitCode = 2;
  } else if (interrupt.signal.aborted) {
    process.stderr.write('interrupted; nothing was left behind\n');
    process.exitCode = 130;
  } else {
    process.stderr.write(`${onOneLine(`error: ${error instanceof Error ? error.message : String(error)}`)}\n`);
    process.exitCode = error instanceof LibraryError && error.code === 'bad-argument' ? 2 : 1;
  }
}

/** Escapes control characters, which a terminal would obey: names in a message may come from an archive. */
function onOneLine(text: string): string {
  const line = text.trim().replaceAll('\n', ' ');
  return line.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

// A closed pipe (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') fail(error);
});

try {
  await program.parseAsync();
} catch (error) {
  fail(error);
}
