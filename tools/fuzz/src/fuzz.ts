import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readMutants, type Outcomes } from './pool.ts';
import { readers } from './readers.ts';
import { mutantOf, type Outcome, type Verdict } from './run-mutant.ts';

export interface FuzzOptions {
  /** Names of the readers. All where none is named. */
  readonly names: readonly string[];
  readonly mutants: number;
  readonly seed: number;
  readonly processes: number;
  readonly timeoutInMs: number;
  /** Folder for the mutants of bad outcomes. */
  readonly out: string;
  readonly onProgress?: (done: number) => void;
}

export interface FuzzResult {
  readonly outcomes: ReadonlyMap<string, Outcomes>;
  /** One line per mutant of a bad outcome. */
  readonly bad: readonly string[];
}

const OUTCOMES: readonly Outcome[] = Object.freeze<Outcome[]>([
  'accepted',
  'refused',
  'unclear error',
  'wrong error',
  'stack',
  'memory',
  'hang',
  'crash',
  'prototype',
]);

/** Reads mutants, and saves those that were neither accepted nor refused in one clear line. */
export async function fuzz({ names, mutants, out, ...options }: FuzzOptions): Promise<FuzzResult> {
  const unknown = names.find((name) => !readers.some((reader) => reader.name === name));
  if (unknown !== undefined)
    throw new Error(`fuzz: expected readers of ${readers.map(({ name }) => name).join(', ')}, got ${unknown}`);
  const chosen = names.length === 0 ? readers.map(({ name }) => name) : names;
  const found: (readonly [reader: string, index: number, verdict: Verdict])[] = [];
  const outcomes = await readMutants(chosen, mutants, {
    ...options,
    module: join(import.meta.dirname, 'readers.ts'),
    onBad: (...bad) => found.push(bad),
  });
  const bad: string[] = [];
  for (const [name, index, { outcome, detail = '' }] of found) {
    const folder = join(out, `${name}-${options.seed}-${index}`);
    await save(name, options.seed, index, folder);
    await writeFile(join(folder, 'outcome.txt'), `${outcome}\n${detail}\n`);
    bad.push(`${name} ${index}: ${outcome} ${detail.split('\n')[0]!.slice(0, 200)} (${folder})`);
  }
  return { outcomes, bad };
}

async function save(name: string, seed: number, index: number, folder: string): Promise<void> {
  const reader = readers.find((each) => each.name === name)!;
  for (const [file, content] of mutantOf(reader, await reader.corpus(), seed, index).files) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), content);
  }
}

/** Table of outcomes by reader. */
export function tableOf(outcomes: FuzzResult['outcomes']): string {
  const rows = [...outcomes].map(([name, counts]) => [name, ...OUTCOMES.map((each) => String(counts.get(each) ?? 0))]);
  const total = OUTCOMES.map((each) =>
    String([...outcomes.values()].reduce((sum, counts) => sum + (counts.get(each) ?? 0), 0)),
  );
  const lines = [['reader', ...OUTCOMES], ...rows, ['all', ...total]];
  const widths = lines[0]!.map((_, place) => lines.reduce((widest, line) => Math.max(widest, line[place]!.length), 0));
  return lines
    .map((line) =>
      line.map((cell, place) => (place === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[place]!))).join('  '),
    )
    .join('\n');
}
