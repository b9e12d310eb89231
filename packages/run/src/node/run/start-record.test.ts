import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readStartRecord, recordStart } from './start-record.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-start-'));
});
afterEach(() => rm(folder, { recursive: true }));

const begun = { system: 'vae', preset: 'gray', isFast: false };

describe('recordStart', () => {
  it('records preset, process and arguments, and adds each resume', async () => {
    expect(await readStartRecord(folder)).toBeUndefined();
    await recordStart(folder, { ...begun, argv: ['train', '--preset', 'gray'] });
    await recordStart(folder, { ...begun, preset: null, argv: ['train', '--resume', folder] });
    const record = await readStartRecord(folder);
    expect(record).toMatchObject(begun);
    expect(record!.starts.map((start) => start.arguments)).toEqual([
      ['train', '--preset', 'gray'],
      ['train', '--resume', folder],
    ]);
    expect(record!.starts[0]).toMatchObject({ host: hostname(), processId: process.pid });
  });

  it('keeps the first start and the latest ones', async () => {
    for (let index = 0; index < 60; index++) await recordStart(folder, { ...begun, argv: [String(index)] });
    const starts = (await readStartRecord(folder))!.starts.map((start) => start.arguments[0]);
    expect([starts.length, starts[0], starts[1], starts.at(-1)]).toEqual([50, '0', '11', '59']);
  });

  it('refuses a damaged record in one line, and begins anew over it', async () => {
    await writeFile(join(folder, 'start.json'), '{"system": 3}');
    await expect(readStartRecord(folder)).rejects.toThrow(/start\.json: expected a record of starts, found /);
    await recordStart(folder, { ...begun, argv: ['train'] });
    expect(await readStartRecord(folder)).toMatchObject(begun);
  });
});
