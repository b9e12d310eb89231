import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { judge, mutantOf, type Verdict } from './run-mutant.ts';
import type { Reader } from './seed-file.ts';

/** Mutants of one reader, as the pool asks for them. */
export interface Assignment {
  readonly reader: string;
  readonly seed: number;
  readonly first: number;
  readonly count: number;
}

/** Said before each mutant and at its end; `done` at the end of an assignment. */
export type Report =
  | { readonly kind: 'ready' | 'done' }
  | { readonly kind: 'begin'; readonly index: number }
  | { readonly kind: 'end'; readonly index: number; readonly verdict: Verdict };

/** Memory of a process that reads small files, with room for one file's budget. */
const MOST_BYTES = 1200 * 2 ** 20;

const [module = ''] = process.argv.slice(2);
const { readers } = (await import(pathToFileURL(module).href)) as { readonly readers: readonly Reader[] };
const corpora = new Map<string, Awaited<ReturnType<Reader['corpus']>>>();
const folder = await mkdtemp(join(tmpdir(), 'motley-fuzz-'));
const send = (report: Report): void => {
  process.send!(report);
};

async function work({ reader: name, seed, first, count }: Assignment): Promise<void> {
  const reader = readers.find((each) => each.name === name)!;
  const corpus = corpora.get(name) ?? (await reader.corpus());
  corpora.set(name, corpus);
  for (let index = first; index < first + count; index++) {
    send({ kind: 'begin', index });
    const verdict = await judge(reader, mutantOf(reader, corpus, seed, index), join(folder, 'mutant'));
    const peak = process.resourceUsage().maxRSS * 1024;
    const isLarge = peak > MOST_BYTES;
    send({ kind: 'end', index, verdict: isLarge ? { outcome: 'memory', detail: `${peak} bytes` } : verdict });
    // The peak of a process never falls, and changed prototypes stay: a new process takes over.
    if (isLarge || verdict.outcome === 'prototype') {
      await rm(folder, { recursive: true, force: true });
      process.exit(0);
    }
  }
  send({ kind: 'done' });
}

process.on('message', (assignment: Assignment) => void work(assignment));
process.on('disconnect', () => {
  void rm(folder, { recursive: true, force: true }).then(() => process.exit(0));
});
send({ kind: 'ready' });
