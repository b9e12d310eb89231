import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { endianness } from 'node:os';
import { dirname, join } from 'node:path';
import { listOf, UserError } from '@motley/run';
import { lockFolder, readJson } from '@motley/run/node';
import { cacheFolder } from '@motley/tensorflow/library';
import { z } from 'zod';
import { BYTES_PER_SAMPLE, shardFile } from './corpus.ts';

/** How long to wait for another process that makes the same corpus. */
const PATIENCE_IN_MS = 3_600_000;

/** Where a corpus is made, and who hears of it. */
export interface CacheOptions {
  /** Folder of all corpora. Default `speech` in the user's cache, or in `MOTLEY_CACHE`. */
  readonly cache?: string;
  /** Takes lines about size and progress. Default: standard error. */
  readonly report?: (line: string) => void;
  /** Ends the work; the next call goes on with the files that are whole. */
  readonly signal?: AbortSignal | undefined;
}

/** Folder of the corpora of this user. */
export const speechCache = (): string => join(dirname(cacheFolder()), 'speech');

export function reportLine(line: string): void {
  process.stderr.write(`${line}\n`);
}

export async function lockPatiently(folder: string, report: (line: string) => void): ReturnType<typeof lockFolder> {
  try {
    return await lockFolder(folder);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    report(`${error.message}; waiting for its corpus`);
    return lockFolder(folder, PATIENCE_IN_MS);
  }
}

const lengthsSchema = listOf(z.int().min(1));

/** @returns lengths of the utterances of a finished shard; undefined where it has to be made */
export async function readShard(folder: string, shard: number, count: number): Promise<readonly number[] | undefined> {
  const path = join(folder, shardFile(shard, 'json'));
  if (!existsSync(path)) return undefined;
  const parsed = lengthsSchema.safeParse(await readJson(path, 'lengths of utterances'));
  if (!parsed.success || parsed.data.length !== count) return undefined;
  return (await hasSamples(folder, shard, parsed.data)) ? parsed.data : undefined;
}

/** Whether a file of samples has the size that the lengths say. */
export async function hasSamples(folder: string, shard: number, lengths: readonly number[]): Promise<boolean> {
  const bytes = BYTES_PER_SAMPLE * lengths.reduce((sum, length) => sum + length, 0);
  const found = await stat(join(folder, shardFile(shard, 'pcm'))).catch(() => undefined);
  return found?.size === bytes;
}

/** Bytes of samples, whatever order this machine has. */
export function littleEndian(samples: Int16Array): Uint8Array {
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  return endianness() === 'LE' ? bytes : bytes.swap16();
}
