#!/usr/bin/env node
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { printable, UserError } from '@motley/run/folders';
import { Command, CommanderError } from 'commander';
import { isLoopback } from './http/guard.ts';
import { startServer } from './server.ts';

const DEFAULT_PORT = 6107;
const MORE_PORTS = 20;
const INVALID = 2;

interface Options {
  readonly port?: string;
  readonly host?: string;
  readonly runs?: readonly string[];
  readonly logdir?: readonly string[];
  readonly readOnly?: true;
  readonly open: boolean;
}

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];

const program = new Command('studio')
  .description('watch, compare, launch and try the runs of this workspace, in a browser')
  .option('--port <n>', `port of the page (default: ${DEFAULT_PORT}, or the next free one)`)
  .option('--host <name>', 'address to listen on; any but this machine’s own needs the token that is printed')
  .option('--runs <dir>', 'folder of runs (repeatable; default: runs of the workspace)', collect)
  .option('--logdir <dir>', "folder of TensorBoard's events, to read (repeatable)", collect)
  .option('--read-only', 'launch, mark and delete nothing')
  .option('--no-open', 'do not open a browser')
  .exitOverride()
  .configureOutput({
    outputError: (text, write) => {
      write(
        `${printable(
          text
            .trim()
            .replace(/^error: /, '')
            .replaceAll('\n', ' '),
        )}\n`,
      );
    },
  })
  .action(start);

program
  .command('export')
  .description('write a static site with the demos of runs, weights included')
  .requiredOption('--run <folder...>', 'folders of runs')
  .requiredOption('--out <folder>', 'folder of the site: new, empty, or an earlier site, which it replaces')
  .action(async ({ run, out }: { readonly run: readonly string[]; readonly out: string }) => {
    const { exportSite } = await import('../export/export-site.ts');
    const folder = await exportSite({ runs: run.map(fromHere), out: fromHere(out) });
    process.stdout.write(`${printable(folder)}\n`);
  });

async function start({ port, host, runs, logdir, readOnly, open }: Options): Promise<void> {
  const server = await startServer({
    port: port === undefined ? DEFAULT_PORT : parsePort(port),
    morePorts: port === undefined ? MORE_PORTS : 0,
    ...(host !== undefined && { host: parseHost(host) }),
    runs: (runs ?? []).map((path) => folder('--runs', path)),
    logs: (logdir ?? []).map((path) => folder('--logdir', path)),
    isReadOnly: readOnly ?? false,
    tell: (line) => process.stderr.write(`${printable(line)}\n`),
  });
  process.stdout.write(`studio: ${server.address}\n`);
  if (host !== undefined && !isLoopback(host))
    process.stderr.write(
      'other machines can reach it with this address, which holds its token; nothing is encrypted\n',
    );
  if (open && process.stdout.isTTY) openBrowser(server.address);
  let isEnding = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (isEnding) process.exit(1);
      isEnding = true;
      void server.close().then(() => process.exit(0));
    });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidOption(`--port: expected a number from 0 to 65535, got ${JSON.stringify(text)}`);
}

function parseHost(text: string): string {
  if (/^[a-z0-9.:-]{1,255}$/i.test(text)) return text.toLowerCase();
  throw new InvalidOption(`--host: expected a name or an address, got ${JSON.stringify(text)}`);
}

/** Path as the user meant it: pnpm runs a script in the folder of its package. */
function fromHere(path: string): string {
  return resolve(process.env.INIT_CWD ?? '.', path);
}

function folder(flag: string, path: string): string {
  const absolute = path === '' ? '' : fromHere(path);
  const stats = path === '' ? undefined : statSync(absolute, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true) return absolute;
  const found = stats === undefined ? 'nothing' : 'a file';
  throw new InvalidOption(`${flag}: expected a folder, found ${found} at ${JSON.stringify(path)}`);
}

class InvalidOption extends Error {}

/** Opens the user's browser. Where there is none, the printed address is enough. */
function openBrowser(address: string): void {
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [address]]
      : process.platform === 'win32'
        ? ['rundll32', ['url.dll,FileProtocolHandler', address]]
        : ['xdg-open', [address]];
  const child = spawn(command, args, { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : INVALID;
  else {
    const { code, message } = error as NodeJS.ErrnoException;
    const line =
      code === 'EADDRINUSE'
        ? '--port: expected a free port, found one in use'
        : code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
          ? '--host: expected an address of this machine'
          : code === 'EACCES'
            ? '--port: expected one that this user may use'
            : message;
    process.stderr.write(`${printable(line.replaceAll('\n', ' '))}\n`);
    process.exitCode = error instanceof InvalidOption || error instanceof UserError || code !== undefined ? INVALID : 1;
  }
}
