import { appendFile, mkdir, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { EventWriter } from '@motley/run/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTestServer } from '../testing/test-server.ts';
import { EventFolder, tailOfEvents } from './event-folder.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-events-'));
});
afterEach(() => rm(folder, { recursive: true }));

const valuesOf = (events: EventFolder, name: string) => [...(events.columns.curves.get(name)?.values.view ?? [])];

describe('EventFolder', () => {
  it('reads scalars of every kind, and passes over pictures, texts and hyperparameters', async () => {
    const writer = await EventWriter.open(folder);
    await writer.writeSessionStart({ 'training.epochs': 3 });
    for (const step of [1, 2, 3]) await writer.writeScalar('train/loss', 1 / step, step);
    await writer.writeScalar('accuracy', NaN, 3);
    await writer.writeText('note', 'text', 0);
    await writer.close();
    const events = new EventFolder(folder);
    expect(await events.follow()).toBe('more');
    expect([...events.columns.curves.keys()]).toEqual(['train/loss', 'accuracy']);
    expect(valuesOf(events, 'train/loss')).toEqual([1, 0.5, Math.fround(1 / 3)]);
    expect(valuesOf(events, 'accuracy')).toEqual([NaN]);
    expect(events.problems).toEqual([]);
    expect(await events.follow()).toBe('nothing');
  });

  it('follows new bytes, reads a torn record later, and a cut file anew', async () => {
    const writer = await EventWriter.open(folder);
    await writer.writeScalar('loss', 1, 1);
    await writer.writeScalar('loss', 2, 2);
    await writer.close();
    const bytes = await readFile(writer.path);
    await truncate(writer.path, bytes.length - 5);
    const events = new EventFolder(folder);
    await events.follow();
    expect(valuesOf(events, 'loss')).toEqual([1]);
    await appendFile(writer.path, bytes.subarray(bytes.length - 5));
    expect(await events.follow()).toBe('more');
    expect(valuesOf(events, 'loss')).toEqual([1, 2]);
    await truncate(writer.path, 0);
    expect(await events.follow()).toBe('anew');
    expect(events.columns.curves.size).toBe(0);
  });

  it('says where a file is damaged, and keeps what came before', async () => {
    const writer = await EventWriter.open(folder);
    await writer.writeScalar('loss', 1, 1);
    await writer.close();
    await appendFile(writer.path, Buffer.alloc(40, 255));
    const events = new EventFolder(folder);
    await events.follow();
    expect(valuesOf(events, 'loss')).toEqual([1]);
    expect(events.problems).toEqual([expect.stringMatching(/tfevents.*: damaged at byte \d+$/)]);
  });

  it('has the last values of a long file before it is read, whatever the place at which its end begins', async () => {
    const writer = await EventWriter.open(folder);
    for (let step = 1; step <= 4000; step++) {
      void writer.writeScalar('train/loss', 1 / step, step);
      await writer.writeScalar('accuracy', step, step);
    }
    await writer.close();
    const name = basename(writer.path);
    const [loss, accuracy] = [Math.fround(1 / 4000), 4000];
    for (let more = 0; more < 3; more++) {
      const { curves, steps } = tailOfEvents(folder, [name, 'notes.txt']);
      expect(steps.length).toBeLessThan(4000);
      expect(curves.get('train/loss')!.values.view.at(-1)).toBe(loss);
      expect(curves.get('accuracy')!.values.view.at(-1)).toBe(accuracy);
      // A torn record shifts the end.
      await appendFile(writer.path, Buffer.alloc(1, 7));
    }
    await truncate(writer.path, 11);
    expect(tailOfEvents(folder, [name]).curves.size).toBe(0);
  });

  it('is a run of the table, which nobody can change', async () => {
    await mkdir(join(folder, 'logs/first'), { recursive: true });
    const writer = await EventWriter.open(join(folder, 'logs/first'));
    for (const step of [1, 2]) await writer.writeScalar('train/loss', 3 - step, step);
    await writer.close();
    await writeFile(join(folder, 'logs/notes.txt'), 'x');
    const test = await startTestServer({ runs: [], logs: [join(folder, 'logs')] });
    try {
      await test.server.studio.ready();
      await test.server.studio.index.follow();
      const [row] = test.server.studio.index.rows;
      expect(row).toMatchObject({
        path: 'first',
        system: 'tensorboard',
        isForeign: true,
        step: 2,
        objective: { name: 'train/loss', value: 1 },
        metrics: { 'train/loss': 1 },
      });
      const curves = await test.get(`/api/runs/${row!.id}/curves?name=train/loss`);
      expect(curves).toMatchObject({ curves: [{ x: [1, 2], y: [2, 1] }] });
      expect((await test.change('PATCH', `/api/runs/${row!.id}`, { note: 'x' })).status).toBe(403);
      expect((await test.change('DELETE', `/api/runs/${row!.id}`)).status).toBe(403);
    } finally {
      await test.close();
    }
  });
});
