import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UserError } from '@motley/run';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadLibriSpeech } from './librispeech.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-librispeech-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(path: string, content = ''): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}
async function chapter(within: string, speaker: string, number: string, lines: readonly string[]): Promise<void> {
  const prefix = `${speaker}-${number}`;
  const path = join(within, speaker, number);
  for (const index of lines.keys()) await write(join(path, `${prefix}-000${index}.flac`));
  await write(
    join(path, `${prefix}.trans.txt`),
    lines.map((line, index) => `${prefix}-000${index} ${line}\n`).join(''),
  );
}

it('lists subsets as parts', async () => {
  await chapter('test-clean', '61', '70968', ["HE'S HERE"]);
  await chapter('train-clean-100', '19', '198', ['ONE', 'TWO WORDS']);
  await chapter('dev-clean', '84', '121123', ['GO']);
  await write('README.TXT');
  const { recordings } = await loadLibriSpeech(folder);
  expect(recordings.map(({ id, text, speaker, part }) => [id, text, speaker, part])).toEqual([
    ['19-198-0000', 'one', '19', 'training'],
    ['19-198-0001', 'two words', '19', 'training'],
    ['84-121123-0000', 'go', '84', 'validation'],
    ['61-70968-0000', "he's here", '61', 'test'],
  ]);
  expect(recordings[0]!.file).toBe(join(folder, 'train-clean-100/19/198/19-198-0000.flac'));
});

it('splits the speakers of one subset, the same ones each time', async () => {
  for (let speaker = 10; speaker < 30; speaker++) await chapter('', String(speaker), '1', ['A', 'B']);
  const { recordings } = await loadLibriSpeech(folder);
  const speakers = (part: string) =>
    new Set(recordings.filter((each) => each.part === part).map(({ speaker }) => speaker));
  expect(['training', 'validation', 'test'].map((part) => speakers(part).size)).toEqual([16, 2, 2]);
  expect((await loadLibriSpeech(folder)).recordings).toEqual(recordings);
});

it.each([
  ['1/2/1-2.trans.txt', 'no number\n', '1/2/1-2.trans.txt: line 1: expected "1-2-NUMBER TEXT", found "no number"'],
  ['1/2/1-2.trans.txt', '1-3-0000 A\n', '1/2/1-2.trans.txt: line 1: expected "1-2-NUMBER TEXT", found "1-3-0000 A"'],
  [
    '1/2/1-2.trans.txt',
    '1-2-0000 A\n1-2-0001 B\n',
    '1/2/1-2.trans.txt: line 2: expected 1-2-0001.flac beside it, found none',
  ],
  [
    '1/2/1-2.trans.txt',
    '1-2-0000 ÉTÉ\n',
    '1/2/1-2.trans.txt: line 1: expected English letters, found letters in "ÉTÉ"',
  ],
  ['1/2/1-2-0009.flac', '', '1/2/1-2-0009.flac: expected a transcript in FOLDER/1/2/1-2.trans.txt, found none'],
  ['speakers/1/a.flac', '', ': expected folders named by speakers, such as 1272, found "speakers"'],
])('refuses %s of %j', async (path, content, message) => {
  await chapter('', '1', '2', ['A']);
  await write(path, content);
  const where = message.startsWith(':') ? folder : `${folder}/`;
  await expect(loadLibriSpeech(folder)).rejects.toThrow(new UserError(where + message.replace('FOLDER', folder)));
});

it('refuses a missing folder, and one without speech', async () => {
  await expect(loadLibriSpeech(join(folder, 'none'))).rejects.toThrow(
    `${folder}/none: expected a folder of LibriSpeech, found: no such file or folder`,
  );
  await expect(loadLibriSpeech(folder)).rejects.toThrow(
    new UserError(`${folder}: expected SPEAKER/CHAPTER with .flac files and .trans.txt, found none`),
  );
});
