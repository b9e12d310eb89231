import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '@motley/run';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rootOf } from './locations.ts';
import { loadRecording } from './recording.ts';
import { loadPocketsphinxPackage, loadSphinx } from './sphinx.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-sphinx-'));
  await write('a.wav', '');
  await write('ids', 'a\n');
  await write('texts', '<s> ten of clubs  </s> (a)\n');
});
afterEach(() => rm(folder, { recursive: true }));

const write = (name: string, content: string) => writeFile(join(folder, name), content);
const load = () =>
  loadSphinx('cards', [{ folder, ids: join(folder, 'ids'), transcripts: join(folder, 'texts'), speaker: 'one' }]);

describe('loadSphinx', () => {
  it('lists names with their transcripts and audio', async () => {
    await write('b.flac', '');
    await write('ids', 'a\n\nb\n');
    await write('texts', '<s> ten of clubs  </s> (a)\n7 hearts (b)\n');
    const { recordings, dropped } = await load();
    expect(recordings).toEqual([
      { id: 'one/a', text: 'ten of clubs', speaker: 'one', file: join(folder, 'a.wav'), part: 'test' },
    ]);
    expect(dropped).toEqual({ digits: 1 });
  });

  it.each([
    ['ids', 'a\nb\n', 'ids: line 2: expected a transcript of b in FOLDER/texts, found none'],
    ['ids', 'b\n', 'ids: line 1: expected a transcript of b in FOLDER/texts, found none'],
    ['texts', 'ten of clubs\n', 'texts: line 1: expected "<s> text </s> (name)", found "ten of clubs"'],
    ['texts', 'ten (a)\nsix (c)\n', 'texts: line 2: expected c in FOLDER/ids, found none'],
  ])('refuses %s of %j', async (name, content, message) => {
    await write(name, content);
    await expect(load()).rejects.toThrow(new UserError(`${folder}/${message.replace('FOLDER', folder)}`));
  });

  it('refuses a transcript without audio, and names outside of the folder', async () => {
    await rm(join(folder, 'a.wav'));
    await expect(load()).rejects.toThrow(
      new UserError(`${folder}/ids: line 1: expected ${folder}/a.wav, .flac, .ogg, .g722, found no such file`),
    );
    await write('ids', '../a\n');
    await write('texts', 'ten (../a)\n');
    await expect(load()).rejects.toThrow(
      new UserError(`${folder}/ids: line 1: expected a name within ${folder}, found "../a"`),
    );
  });
});

const isInstalled = rootOf('pocketsphinx-testdata') !== undefined;
describe.runIf(isInstalled)(`the package${isInstalled ? '' : ' (needs pocketsphinx-testdata)'}`, () => {
  it('has ten clips that are read', async () => {
    const { recordings, dropped } = await loadPocketsphinxPackage();
    expect([recordings.length, dropped]).toEqual([10, {}]);
    expect(recordings[9]!.text).toBe('eight of spades four of clubs seven of hearts');
    expect((await loadRecording(recordings[9]!)).length).toBe(56_040);
  });
});
