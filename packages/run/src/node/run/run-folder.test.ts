import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { encodeArrays } from '../../checkpoint/arrays.ts';
import { UserError } from '../../config/errors.ts';
import type { MetricRecord } from '../../loop/events.ts';
import { lineChart } from '../figures/charts.ts';
import { StorageError } from '../files.ts';
import type { Logger } from '../logging/logger.ts';
import { readMetrics } from './metrics-log.ts';
import { RunFolder, findNewestRun, isCompletedRun } from './run-folder.ts';
import type { Summary } from './summary.ts';

let folder: string;
const openFolders: RunFolder[] = [];
const opened = (run: RunFolder): RunFolder => {
  openFolders.push(run);
  return run;
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motley-run-'));
  await writeFile(join(folder, 'pnpm-workspace.yaml'), '');
  vi.spyOn(process, 'cwd').mockReturnValue(folder);
});
afterEach(async () => {
  for (const run of openFolders.splice(0)) await run.close();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const options = { system: 'vae', config: { latentSize: 2 } };
const record = (step: number, loss = 1 / step): MetricRecord => ({
  step,
  epoch: 1,
  split: 'train',
  timeInSeconds: step / 10,
  metrics: { loss },
});
const summary = (more: Partial<Summary> = {}): Summary => ({
  system: 'vae',
  command: 'train',
  status: 'completed',
  backend: 'cpu',
  device: 'CPU (JavaScript)',
  tensorflow: null,
  precision: 'float32',
  compiled: false,
  seed: 0,
  epochs: 1,
  steps: 3,
  parameters: 5,
  wallTimeInSeconds: 1,
  samplesPerSecond: 10,
  peakMemoryInBytes: 3 * 2 ** 20,
  metrics: { test: { loss: 101.234567 } },
  baselines: { mean: { loss: 206.5 } },
  ...more,
});
const checkpoint = (step: number, size = 1) => ({
  step,
  epoch: 1,
  weights: encodeArrays({ w: { shape: [size], values: new Float32Array(size) } }),
  optimizer: encodeArrays({}),
  state: {},
  isBest: true,
});

describe('RunFolder', () => {
  it('gives runs of the same second separate folders, which sort by age', async () => {
    vi.useFakeTimers({ now: Date.UTC(2026, 0, 2, 3, 4, 5), toFake: ['Date'] });
    try {
      for (let run = 0; run < 11; run++) opened(await RunFolder.create(options));
    } finally {
      vi.useRealTimers();
    }
    const paths = openFolders.map(({ path }) => path);
    expect(paths[0]).toBe(join(folder, 'runs/vae/2026-01-02_03-04-05'));
    expect(paths[10]).toBe(join(folder, 'runs/vae/2026-01-02_03-04-05.11'));
    expect([...paths].sort()).toEqual(paths);
    expect(new Set(paths).size).toBe(11);
  });

  it('logs metrics, and on resume drops later and incomplete lines', async () => {
    const run = opened(await RunFolder.create({ ...options, out: join(folder, 'out') }));
    const listener = run.listener();
    for (const step of [1, 2, 3]) await listener.onMetrics!(record(step));
    await run.close();
    const path = join(run.path, 'metrics.jsonl');
    await writeFile(path, `${await readFile(path, 'utf8')}{"step":4,"epo`);
    expect((await readMetrics(path)).map(({ step }) => step)).toEqual([1, 2, 3]);

    const again = opened(
      await RunFolder.resume(run.path, { step: 2, bestStep: null }, { ...options, config: { latentSize: 3 } }),
    );
    await again.listener().onMetrics!(record(5));
    expect((await readMetrics(path)).map(({ step }) => step)).toEqual([1, 2, 5]);
    expect(JSON.parse(await readFile(join(run.path, 'config.json'), 'utf8'))).toEqual({ latentSize: 3 });
  });

  it('names the line of damaged metrics', async () => {
    const path = join(folder, 'metrics.jsonl');
    await writeFile(path, `${JSON.stringify(record(1))}\n{"step":"two"}\n`);
    await expect(readMetrics(path)).rejects.toThrow(
      new UserError(`${path}:2: expected a record with step, split and metrics, found "{\\"step\\":\\"two\\"}"`),
    );
  });

  it.each([
    ['null metrics', '{"step":1,"epoch":1,"split":"train","metrics":null}'],
    ['a list of metrics', '{"step":1,"epoch":1,"split":"train","metrics":[1]}'],
    ['metrics that are texts', '{"step":1,"epoch":1,"split":"train","metrics":{"loss":"1"}}'],
    ['200,000 levels', '['.repeat(200_000)],
  ])('refuses a line with %s', async (_, line) => {
    const path = join(folder, 'metrics.jsonl');
    await writeFile(path, `${line}\n`);
    await expect(readMetrics(path)).rejects.toThrow(
      /:1: expected a record with step, split and metrics, found .{1,80}$/,
    );
    await expect(readMetrics(path)).rejects.toThrow(UserError);
  });

  it('removes a run that never began, and no other', async () => {
    const made = opened(await RunFolder.create({ ...options, out: join(folder, 'made') }));
    expect(await made.discard()).toBe(true);
    expect(existsSync(made.path)).toBe(false);

    await mkdir(join(folder, 'empty'));
    expect(await opened(await RunFolder.create({ ...options, out: join(folder, 'empty') })).discard()).toBe(true);
    expect(await readdir(join(folder, 'empty'))).toEqual([]);

    const begun = opened(await RunFolder.create({ ...options, out: join(folder, 'begun') }));
    await begun.listener().onMetrics!(record(1));
    expect(await begun.discard()).toBe(false);
    await begun.close();
    const files = await readdir(begun.path);

    const resumed = opened(await RunFolder.resume(begun.path, { step: 1, bestStep: null }, { ...options, config: {} }));
    expect(await resumed.discard()).toBe(true);
    expect(await readdir(begun.path)).toEqual(files);
    expect(JSON.parse(await readFile(join(begun.path, 'config.json'), 'utf8'))).toEqual({ latentSize: 2 });
  });

  it('passes figures to loggers, and lets them remove their files with a run that never began', async () => {
    const run = opened(await RunFolder.create({ ...options, out: join(folder, 'out') }));
    const told: unknown[] = [];
    const logger: Logger = {
      onFigure: (...figure) => Promise.resolve(void told.push(figure)),
      finish: () => Promise.resolve(),
      discard: () => Promise.resolve(void told.push('discard')),
    };
    run.attach([logger, { finish: () => Promise.resolve() }]);
    const figure = lineChart({ title: 'a', xName: 'x', yName: 'y', lines: [{ name: 'a', points: [[0, 1]] }] });
    await run.writeFigure('prior-samples', figure, 12);
    expect(told).toEqual([['prior-samples', figure.png, 12]]);
    expect(await run.discard()).toBe(false);
    await run.close();
    const again = opened(await RunFolder.resume(run.path, undefined, options));
    again.attach([logger]);
    expect(await again.discard()).toBe(true);
    expect(told.slice(1)).toEqual(['discard']);
  });

  it('finds the newest completed run', async () => {
    await expect(findNewestRun('vae', 'completed run', isCompletedRun)).rejects.toThrow('no completed run of vae in ');
    const make = async (name: string, content?: string): Promise<string> => {
      const path = join(folder, 'runs/vae', name);
      await mkdir(path, { recursive: true });
      if (content !== undefined) await writeFile(join(path, 'summary.json'), content);
      return path;
    };
    await make('2026-01-01', JSON.stringify(summary()));
    const newest = await make('2026-01-02', JSON.stringify(summary()));
    await make('2026-01-03', JSON.stringify(summary({ status: 'stopped' })));
    await make('2026-01-04', '{"status":');
    await make('2026-01-05');
    expect(await findNewestRun('vae', 'completed run', isCompletedRun)).toBe(newest);
  });

  it('writes figures, curves, metrics and configuration to one page without external files', async () => {
    const run = opened(
      await RunFolder.create({
        system: 'vae',
        config: { note: '<script>alert(1)</script>' },
        out: join(folder, 'out'),
      }),
    );
    for (const step of [1, 2, 3]) await run.listener().onMetrics!(record(step));
    const figure = lineChart({ title: 'a', xName: 'x', yName: 'y', lines: [{ name: 'a', points: [[0, 1]] }] });
    const path = await run.writeFigure('prior-samples', figure);
    expect(await readFile(path)).toEqual(Buffer.from(figure.png));
    expect(existsSync(join(run.path, 'figures/prior-samples.svg'))).toBe(true);
    const ofStep = await run.writeFigureOfStep('attention', { png: figure.png }, 312);
    expect(ofStep).toBe(join(run.path, 'figures/attention/step-312.png'));
    expect(await readFile(ofStep)).toEqual(Buffer.from(figure.png));
    await expect(run.writeFigure('../escape', figure)).rejects.toThrow('expected a kebab-case name');
    await run.writeSummary(summary());
    await run.writeSummary(summary({ command: 'evaluate', metrics: { test: { loss: 99 } } }));

    const html = await readFile(join(run.path, 'report.html'), 'utf8');
    expect(html).toContain('<td class="number">101.235</td>');
    expect(html.indexOf('<h2>train</h2>')).toBeLessThan(html.indexOf('<h2>evaluate</h2>'));
    expect(html).toContain('<figcaption>prior samples</figcaption>');
    expect(html.match(/<img /g)).toHaveLength(2);
    expect(html).toContain('&lt;script&gt;');
    expect(html).not.toMatch(/<script|(?:src|href)="(?!data:)/);
  });

  const mount = (path: string): boolean =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', path]).status === 0;
  it('reports a full disk, and keeps the older checkpoint', async ({ skip }) => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    if (!mount(disk)) skip('mounting a small disk needs the rights of root');
    try {
      const run = opened(await RunFolder.create({ ...options, out: join(disk, 'run') }));
      const listener = run.listener();
      await listener.onCheckpoint!(checkpoint(1));
      const names = await readdir(join(run.path, 'checkpoints'));
      const saving = listener.onCheckpoint!(checkpoint(2, 100_000));
      await expect(saving).rejects.toThrow(StorageError);
      await expect(saving).rejects.toThrow(/^cannot write .*step-2\.safetensors: no space left on the disk$/);
      expect(await readdir(join(run.path, 'checkpoints'))).toEqual(names);
      expect((await run.checkpoints.load('last')).step).toBe(1);
      await run.close();
    } finally {
      spawnSync('umount', [disk]);
    }
  });
});
