import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UserError } from '@motley/run';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadAsterisk, loadAsteriskPackage, wordsOfName } from './asterisk.ts';
import { rootOf } from './locations.ts';
import { loadRecording } from './recording.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-asterisk-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

it.each([
  ['digits/0', 'zero'],
  ['digits/19', 'nineteen'],
  ['digits/70', 'seventy'],
  ['digits/h-1', 'first'],
  ['digits/h-12', 'twelfth'],
  ['digits/h-90', 'ninetieth'],
  ['digits/h-hundred', 'hundredth'],
  ['digits/day-6', 'saturday'],
  ['digits/mon-11', 'december'],
  ['digits/oclock', "o'clock"],
  ['digits/a-m', 'a m'],
  ['digits/star', 'star'],
  ['letters/z', 'z'],
  ['letters/slash', 'slash'],
  ['phonetic/q_p', 'quebec'],
  ['im-sorry', "i'm sorry"],
  ['de-activated', 'deactivated'],
])('%s says %s', (name, words) => {
  expect(wordsOfName(name)).toBe(words);
});

it.each([
  'digits/99',
  'digits/day-7',
  'letters/ascii34',
  'phonetic/9_p',
  'silence/1',
  'dictate/pause',
  'vm-INBOX',
  'beep',
])('the name %s says nothing', (name) => {
  expect(wordsOfName(name)).toBeUndefined();
});

describe('loadAsterisk', () => {
  it('takes texts from names, or from the table where there is one', async () => {
    for (const name of ['digits/1', 'beep', 'hello', 'deep/er/hello']) await write(`${name}.g722`, 'sound');
    const { recordings, dropped } = await loadAsterisk(folder);
    expect(recordings.map(({ id, text }) => [id, text])).toEqual([
      ['digits/1', 'one'],
      ['hello', 'hello'],
    ]);
    expect(recordings[0]!.file).toBe(join(folder, 'digits/1.g722'));
    expect(dropped).toEqual({ 'no text': 1 });
    await write(
      'core-sounds-en.txt',
      '; a comment\n\nbeep: (this is a simple beep)\nhello: Hello, there!\ndigits/1: One\nmissing: Missing\n',
    );
    const told = await loadAsterisk(folder);
    expect(told.recordings.map(({ id, text }) => [id, text])).toEqual([
      ['digits/1', 'one'],
      ['hello', 'hello there'],
    ]);
    expect(told.dropped).toEqual({ markup: 1, 'no audio': 1 });
  });

  it('refuses a folder without prompts, and a damaged table', async () => {
    await expect(loadAsterisk(folder)).rejects.toThrow(
      new UserError(`${folder}: expected prompts in .g722 files, found none`),
    );
    await write('a.g722', 'sound');
    await write('core-sounds-en.txt', 'a: b\nno colon\n');
    await expect(loadAsterisk(folder)).rejects.toThrow(
      new UserError(`${folder}/core-sounds-en.txt: line 2: expected "name: text", found "no colon"`),
    );
  });
});

const isInstalled = rootOf('asterisk-core-sounds-en-g722') !== undefined;
describe.runIf(isInstalled)(`the package${isInstalled ? '' : ' (needs asterisk-core-sounds-en-g722)'}`, () => {
  it('has its prompts, texts apart, and sounds that are read', async () => {
    const { recordings, dropped } = await loadAsteriskPackage();
    const texts = (part: string) => recordings.filter((each) => each.part === part).map(({ text }) => text);
    expect([recordings.length, dropped]).toEqual([196, { 'no text': 372 }]);
    const known = new Set(texts('training'));
    expect(texts('test').filter((text) => known.has(text))).toEqual([]);
    expect(texts('test').length).toBeGreaterThan(15);
    const samples = await loadRecording(recordings.find(({ id }) => id === 'digits/7')!);
    expect(samples.length / 16_000).toBeCloseTo(0.82, 2);
  });
});
