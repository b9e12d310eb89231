import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UserError } from '@motley/run';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadFillets, loadFilletsPackages } from './fillets.ts';
import { rootOf } from './locations.ts';
import { loadRecording } from './recording.ts';
import { lettersOf } from './transcripts.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-fillets-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}
const load = () => loadFillets('czech', { scripts: join(folder, 'script'), sounds: join(folder, 'sound') });

describe('made folders', () => {
  it('lists lines with text and sound, and counts the others', async () => {
    const lines = [
      'dialogId("a-m", "font_small", "Yes?") dialogStr("Ano?")',
      'dialogId("a-v", "font_big", "No.")\ndialogStr("Ne.")',
      'dialogId("a-x", "font_robot", "Same") dialogStr("Totéž")',
      'dialogId("a-silent", "font_big", "Hm") dialogStr("Hm")',
      'dialogId("a-number", "font_big", "1") dialogStr("1")',
      'dialogId("a-untranslated", "font_big", "English")',
    ];
    await write('script/init.lua', '');
    await write('script/start/dialogs_cs.lua', lines.join('\n'));
    await write('script/share/bore_dialogs_cs.lua', 'dialogId("b", "font_red", "Hey") dialogStr("Hej")');
    await write('script/share/unknown_dialogs_cs.lua', 'nothing');
    for (const [name, sound] of Object.entries({ 'a-m': '1', 'a-v': '2', 'a-x': '2', 'a-number': '3' }))
      await write(`sound/start/cs/${name}.ogg`, sound);
    await write('sound/share/borejokes/cs/b.ogg', '4');
    const { recordings, dropped, language } = await load();
    expect(language).toBe('czech');
    expect(recordings.map(({ id, text, speaker }) => [id, text, speaker])).toEqual([
      ['share/borejokes/b', 'hej', 'red in share/borejokes'],
      ['start/a-m', 'ano', 'small fish'],
      ['start/a-v', 'ne', 'big fish'],
    ]);
    expect(dropped).toEqual({ repeated: 1, 'no audio': 1, digits: 1 });
    expect(recordings[1]!.file).toBe(join(folder, 'sound/start/cs/a-m.ogg'));
  });

  it.each([
    ['dialogStr("a")', 'line 1: expected dialogId before dialogStr, found none'],
    ['\ndialogId("a")', 'line 2: expected dialogId of 3 texts or dialogStr of 1, found dialogId of 1'],
    ['run("a")', 'line 1: expected dialogId of 3 texts or dialogStr of 1, found run of 1'],
    ['constructor("a")', 'line 1: expected dialogId of 3 texts or dialogStr of 1, found constructor of 1'],
    ['dialogId("../a", "b", "c")', 'line 1: expected a name of letters, digits, _ and -, found ../a'],
    ['a = 1', 'line 1: expected "(", found "= 1"'],
  ])('refuses %j', async (source, message) => {
    await write('script/start/dialogs_cs.lua', source);
    await expect(load()).rejects.toThrow(new UserError(`${folder}/script/start/dialogs_cs.lua: ${message}`));
  });

  it('refuses folders without recorded lines, and a missing package', async () => {
    await expect(load()).rejects.toThrow(
      `${folder}/script: expected dialogs_cs.lua with sounds in ${folder}/sound, found 0 tables and no recorded line`,
    );
  });
});

const isInstalled = (['fillets-ng-data', 'fillets-ng-data-cs'] as const).every((name) => rootOf(name) !== undefined);
const missing = isInstalled ? '' : ' (needs fillets-ng-data and fillets-ng-data-cs)';
describe.runIf(isInstalled)(`the Czech package${missing}`, () => {
  it('has its lines, levels apart, in Czech letters, and sounds that are read', async () => {
    const { recordings, dropped } = await loadFilletsPackages('czech');
    const counts = (part: string) => recordings.filter((each) => each.part === part).length;
    expect([recordings.length, counts('training'), counts('validation'), counts('test')]).toEqual([
      1785, 1402, 226, 157,
    ]);
    expect(dropped).toEqual({ 'no audio': 177, 'no text': 54, digits: 31, repeated: 7, letters: 1, markup: 1 });
    const levels = (part: string) =>
      new Set(recordings.filter((each) => each.part === part).map(({ id }) => id.slice(0, id.lastIndexOf('/'))));
    expect(levels('test').size).toBe(8);
    expect([...levels('test')].filter((level) => levels('training').has(level))).toEqual([]);
    expect(
      lettersOf(
        recordings.map(({ text }) => text),
        'czech',
      ).length,
    ).toBe(41);
    expect(new Set(recordings.map(({ id }) => id)).size).toBe(recordings.length);
    const samples = await loadRecording(recordings.find(({ id }) => id === 'airplane/let-m-divna')!);
    expect(samples.length).toBe(Math.ceil((43_520 * 16_000) / 22_050));
  }, 60_000);
});
