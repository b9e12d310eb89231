import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ColumnsCache } from './columns-cache.ts';
import { fractionalEpochs } from './columns.ts';
import { CurveStore, viewOf } from './curve-store.ts';
import { parseMetricLine } from './metric-line.ts';
import { MetricsFile } from './metrics-file.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-metrics-'));
  path = join(folder, 'metrics.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

const line = (step: number, value: number | null, name = 'loss'): string =>
  `${JSON.stringify({ step, epoch: 1, split: 'train', timeInSeconds: step, metrics: { [name]: value } })}\n`;
const valuesOf = (file: MetricsFile, name = 'train/loss') => [...(file.columns.curves.get(name)?.values.view ?? [])];

describe('MetricsFile', () => {
  it('reads each line once, however the bytes arrive', async () => {
    const name = 'größe';
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { maxLength: 60 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        async (values, cuts) => {
          await writeFile(path, '');
          const file = new MetricsFile(path);
          const bytes = Buffer.from(values.map((value, index) => line(index + 1, value, name)).join(''));
          const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1))), bytes.length].sort((a, b) => a - b);
          let from = 0;
          for (const to of places) {
            await appendFile(path, bytes.subarray(from, to));
            await file.follow();
            from = to;
          }
          expect(valuesOf(file, `train/${name}`)).toEqual(values.map((value) => value + 0));
          expect(file.problems).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('leaves out damaged lines and says how many, and reads a line of many chunks', async () => {
    const long = JSON.stringify({ step: 2, split: 'train', metrics: { loss: 2 }, more: 'x'.repeat(3 * 2 ** 20) });
    await writeFile(path, `${line(1, 1)}[1]\n\n{"step": "x"}\n${long}\n${line(3, 3)}`);
    const file = new MetricsFile(path);
    await file.follow();
    expect(valuesOf(file)).toEqual([1, 2, 3]);
    expect(file.problems).toEqual(['metrics.jsonl: 2 damaged lines left out']);
  });

  it('passes over a line without end, however long', async () => {
    await writeFile(path, `${line(1, 1)}${'x'.repeat(2 ** 25)}\n${line(2, 2)}`);
    const file = new MetricsFile(path);
    await file.follow();
    expect(valuesOf(file)).toEqual([1, 2]);
    expect(file.problems).toHaveLength(1);
  });

  it('is nothing where there is no file, or a folder', async () => {
    expect(await new MetricsFile(path).follow()).toBe('nothing');
    expect(await new MetricsFile(folder).follow()).toBe('nothing');
  });
});

describe('parseMetricLine', () => {
  it('reads null, NaN and infinities as other programs write them', () => {
    const text =
      '{"step": 1, "metrics": {"a": null, "b": NaN, "c": -Infinity, "d": "Infinity", "e": "text", "f: NaN": 2}}';
    expect(parseMetricLine(text)!.metrics).toEqual([
      ['a', NaN],
      ['b', NaN],
      ['c', -Infinity],
      ['d', Infinity],
      ['f: NaN', 2],
    ]);
    for (const wrong of ['', 'null', '[]', '{"step":1}', '{"step":null,"metrics":{}}', '{"step":1,"metrics":3}'])
      expect(parseMetricLine(wrong)).toBeUndefined();
  });
});

describe('CurveStore', () => {
  it('keeps columns for the next start, and reads on from them', async () => {
    const text = Array.from({ length: 20_000 }, (_, index) => line(index + 1, index % 7 === 0 ? null : index)).join('');
    await writeFile(path, text);
    const cache = new ColumnsCache(join(folder, 'columns'));
    await new CurveStore(cache).load(path);
    await appendFile(path, line(20_001, 5));
    const kept = (await cache.load(path))!;
    expect(kept.columns.steps.length).toBe(20_000);
    const loaded = await new CurveStore(cache).load(path);
    expect(loaded.growth).toBe('more');
    expect(loaded.source.columns.steps.length).toBe(20_001);
    expect(viewOf(loaded, 'train/loss', 'step')!.length).toBe(20_001);
    // Another file in its place is read anew.
    await writeFile(path, line(1, 9));
    const anew = await new CurveStore(cache).load(path);
    expect([anew.growth, anew.source.columns.steps.length]).toEqual(['anew', 1]);
  });

  it('forgets what was not used for long, and reads a file once for two who ask', async () => {
    const store = new CurveStore(new ColumnsCache(join(folder, 'columns')), 3000);
    const paths = ['a', 'b', 'c'].map((name) => join(folder, name));
    for (const each of paths) await writeFile(each, line(1, 1));
    for (const each of paths) await store.load(each);
    expect(paths.map((each) => store.has(each))).toEqual([false, false, true]);
    const [one, other] = await Promise.all([store.load(paths[0]!), store.load(paths[0]!)]);
    expect(one.source).toBe(other.source);
    expect(one.source.columns.steps.length).toBe(1);
  });
});

describe('fractionalEpochs', () => {
  it('places steps between the ends of their epochs', () => {
    const steps = Float64Array.of(5, 10, 15, 20, 25);
    expect([...fractionalEpochs(steps, Float64Array.of(1, 1, 2, 2, 3))]).toEqual([0.5, 1, 1.5, 2, 2.5]);
  });
});
