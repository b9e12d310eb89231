import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Draws } from './draws.ts';
import { mutate } from './mutate.ts';
import type { Reader, SeedFile } from './seed-file.ts';

/** Result of reading a mutant. The first two are good. */
export type Outcome =
  'accepted' | 'refused' | 'unclear error' | 'wrong error' | 'stack' | 'memory' | 'hang' | 'crash' | 'prototype';

export interface Verdict {
  readonly outcome: Outcome;
  /** The error, where there is one. */
  readonly detail?: string;
}

const OUR_ERRORS: readonly string[] = Object.freeze(['UserError', 'ConfigError', 'LibraryError']);
/** Length at which `UserError` cuts its message, which then lacks its end. */
const CUT_LENGTH = 2000;

/** A mutant: the files of its folder, one of which is changed. */
export interface Mutant {
  readonly changed: string;
  readonly files: ReadonlyMap<string, Buffer>;
}

type Corpus = Awaited<ReturnType<Reader['corpus']>>;
const wrapped = ({ content, wrap }: SeedFile): Buffer => wrap?.(content) ?? content;

/** The mutant of a number. The same seed, reader and number give the same bytes. */
export function mutantOf(reader: Reader, corpus: Corpus, seed: number, index: number): Mutant {
  const draws = new Draws(seed, reader.name, index);
  const variant = draws.pick(corpus);
  const chosen = draws.pick(variant.filter(({ content }) => content.length > 0));
  const others = corpus.flat().map((each) => (draws.once(2) ? each.content : wrapped(each)));
  const { content, structure, wrap } = chosen;
  const isInner = wrap === undefined || !draws.once(3);
  const changed = isInner ? mutate(content, structure, draws, others) : mutate(wrap(content), 'bytes', draws, others);
  const files = new Map(variant.map((each) => [each.name, wrapped(each)]));
  files.set(chosen.name, isInner && wrap !== undefined ? wrap(changed) : changed);
  return { changed: chosen.name, files };
}

/** Reads a mutant in a folder of its own, and says what came of it. */
export async function judge(reader: Reader, mutant: Mutant, folder: string): Promise<Verdict> {
  await rm(folder, { recursive: true, force: true });
  for (const [name, content] of mutant.files) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  const before = Reflect.ownKeys(Object.prototype).length;
  const verdict = await reader.read(folder).then(
    (): Verdict => ({ outcome: 'accepted' }),
    (error: unknown) => verdictOf(error),
  );
  return Reflect.ownKeys(Object.prototype).length === before
    ? verdict
    : { outcome: 'prototype', detail: Reflect.ownKeys(Object.prototype).slice(before).map(String).join(' ') };
}

function verdictOf(error: unknown): Verdict {
  if (!(error instanceof Error)) return { outcome: 'wrong error', detail: typeof error };
  const detail = `${error.name}: ${error.message.slice(0, CUT_LENGTH)}`;
  if (error.message.includes('call stack')) return { outcome: 'stack', detail };
  if (!OUR_ERRORS.includes(error.name)) return { outcome: 'wrong error', detail: `${detail}\n${error.stack ?? ''}` };
  const isClear = error.message.length > 0 && error.message.length < CUT_LENGTH && !/\p{Cc}/u.test(error.message);
  return isClear ? { outcome: 'refused' } : { outcome: 'unclear error', detail };
}
