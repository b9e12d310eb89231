import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { largest } from '@motley/run';
import { afterEach, describe, expect, it } from 'vitest';
import type { CurveAnswer, RunDetail, RunList, RunRow, TrashRow } from '../shared/api.ts';
import { metricLine, startOf, summaryOf, writeRun } from './testing/run-fixtures.ts';
import { makeFolders, readEvents, startTestServer, type TestServer } from './testing/test-server.ts';

let test: TestServer | undefined;
afterEach(async () => {
  await test?.close();
  test = undefined;
});

async function runsOf(server: TestServer): Promise<Map<string, RunRow>> {
  const { runs } = await server.get<RunList>('/api/runs');
  return new Map(runs.map((row) => [row.path, row]));
}

const lines = (count: number, from = 1): string =>
  Array.from({ length: count }, (_, index) => {
    const step = from + index;
    const train = metricLine(step, 'train', { loss: 10 / step, learningRate: 0.1 });
    return step % 10 === 0 ? train + metricLine(step, 'validation', { loss: 20 / step }) : train;
  }).join('');

describe('the server', () => {
  it('lists runs with status, objective beside baseline, curve and place', async () => {
    const folder = await makeFolders();
    await writeRun(join(folder, 'runs/vae/2026-01-02_03-04-05'), {
      config: { training: { epochs: 3 } },
      start: startOf('vae', 'gray'),
      summary: summaryOf('vae', 0.5),
      metrics: lines(30),
    });
    await writeRun(join(folder, 'runs/vae/study/sizes/small-seed-0'), { config: {}, metrics: lines(10) });
    await writeRun(join(folder, 'runs/vae/sweeps/2026/run-1'), { config: {} });
    test = await startTestServer({}, folder);
    const runs = await runsOf(test);
    expect([...runs.keys()].sort()).toEqual([
      'vae/2026-01-02_03-04-05',
      'vae/study/sizes/small-seed-0',
      'vae/sweeps/2026/run-1',
    ]);
    expect(runs.get('vae/2026-01-02_03-04-05')).toMatchObject({
      system: 'vae',
      preset: 'gray',
      status: 'completed',
      startedAt: Date.parse('2026-01-02T03:04:05Z'),
      tookInSeconds: 12,
      step: 30,
      device: 'CPU',
      objective: { name: 'validation/loss', value: 20 / 30, isLowBetter: true },
      baseline: { name: 'linear', value: 2 },
      spark: [2, 1, 0.66667],
      metrics: { 'train/loss': 10 / 30, 'test/accuracy': 0.9, 'validation/loss': 20 / 30 },
      problems: [],
    });
    expect(runs.get('vae/study/sizes/small-seed-0')!.study).toBe('sizes');
    expect(runs.get('vae/sweeps/2026/run-1')!.sweep).toBe('2026');
    await test.close();
    test = undefined;
    await rm(folder, { recursive: true });
  });

  it('serves curves, thinned and whole, of one run and of several, and as CSV', async () => {
    test = await startTestServer();
    await writeRun(join(test.runs, 'a'), { config: {}, metrics: lines(1000) });
    await writeRun(join(test.runs, 'b'), { config: {}, metrics: metricLine(1, 'train', { loss: null }) + lines(3, 2) });
    await test.server.studio.index.scan();
    const [a, b] = ['a', 'b'].map((path) => [...test!.server.studio.index.rows].find((row) => row.path === path)!.id);
    const { curves } = await test.get<CurveAnswer>(
      `/api/runs/${a!}/curves?name=train/loss&name=validation/loss&pixels=10`,
    );
    expect(curves.map(({ name, total }) => [name, total])).toEqual([
      ['train/loss', 1000],
      ['validation/loss', 100],
    ]);
    expect(curves[0]!.x.length).toBeLessThanOrEqual(40);
    expect(largest(curves[0]!.y.map(Number))).toBe(10);
    const part = await test.get<CurveAnswer>(`/api/runs/${a!}/curves?name=train/loss&from=5&to=6&smoothing=0.5`);
    expect(part.curves[0]).toMatchObject({ x: [5, 6], y: [2, 10 / 6] });
    expect(part.curves[0]!.smooth).toHaveLength(2);
    const epochs = await test.get<CurveAnswer>(`/api/runs/${a!}/curves?name=validation/loss&axis=epoch`);
    expect(epochs.curves[0]!.x.slice(0, 3)).toEqual([1, 2, 3]);
    const several = await test.get<{ runs: Record<string, CurveAnswer> }>(
      `/api/curves?run=${a!}&run=${b!}&run=gone&name=train/loss`,
    );
    expect(Object.keys(several.runs).sort()).toEqual([a!, b!].sort());
    expect(several.runs[b!]!.curves[0]).toMatchObject({ y: [null, 5, 10 / 3, 2.5], gaps: [{ x: 1, value: 'NaN' }] });
    const csv = await test.raw('GET', `/api/runs/${b!}/curves.csv?name=train/loss`);
    expect(csv.headers['content-disposition']).toMatch(/^attachment; filename="b-[0-9a-f]+\.csv"$/);
    expect(csv.text.split('\n').slice(0, 3)).toEqual([
      'step,epoch,timeInSeconds,"train/loss"',
      '1,1,0.5,NaN',
      '2,1,1,5',
    ]);
    for (const query of ['', '?name=a&pixels=0', '?name=a&pixels=99999', '?name=a&smoothing=2', '?name=a&from=x'])
      expect((await test.raw('GET', `/api/runs/${a!}/curves${query}`)).status).toBe(400);
  });

  it('tells of new lines within a second, reads a torn line later, and a rewritten log anew', async () => {
    test = await startTestServer();
    const path = await writeRun(join(test.runs, 'live'), {
      config: {},
      start: startOf('vae', null),
      metrics: lines(20),
    });
    await test.server.studio.index.scan();
    await test.server.studio.index.follow();
    const { id } = test.server.studio.index.rows[0]!;
    const events = readEvents(test, (event) => event.kind === 'metrics', test.server.studio.hub.version);
    const startedAt = performance.now();
    const torn = metricLine(21, 'train', { loss: 0.25 });
    await appendFile(join(path, 'metrics.jsonl'), metricLine(21, 'train', { loss: 0.5 }) + torn.slice(0, 30));
    expect((await events).at(-1)).toEqual({ kind: 'metrics', id, curves: ['train/loss'], lastStep: 21 });
    expect(performance.now() - startedAt).toBeLessThan(5000);
    const curve = async () => (await test!.get<CurveAnswer>(`/api/runs/${id}/curves?name=train/loss`)).curves[0]!;
    expect([(await curve()).total, (await curve()).y.at(-1)]).toEqual([21, 0.5]);
    await appendFile(join(path, 'metrics.jsonl'), torn.slice(30));
    expect([(await curve()).total, (await curve()).y.at(-1)]).toEqual([22, 0.25]);
    await truncate(join(path, 'metrics.jsonl'), 0);
    await writeFile(join(path, 'metrics.jsonl'), lines(4));
    expect((await curve()).total).toBe(4);
    await writeFile(join(path, 'metrics.jsonl'), lines(400).replaceAll('0.1', '0.2'));
    expect((await curve()).total).toBe(400);
  });

  it('tells a page that comes back what it has missed, and one of an earlier start everything', async () => {
    test = await startTestServer();
    await writeRun(join(test.runs, 'a'), { config: {} });
    await test.server.studio.index.scan();
    const whole = (await readEvents(test, () => true, 12))[0]!;
    expect(whole).toMatchObject({ kind: 'runs', isWhole: true, changed: [{ path: 'a' }] });
    const version = test.server.studio.hub.version;
    await writeRun(join(test.runs, 'b'), { config: {} });
    await test.server.studio.index.scan();
    await rm(join(test.runs, 'a'), { recursive: true });
    await test.server.studio.index.scan();
    const [missed] = await readEvents(test, () => true, version);
    expect(missed).toMatchObject({ kind: 'runs', changed: [{ path: 'b' }], removed: [expect.stringMatching(/^a-/)] });
  });

  it('keeps name, note, star and put away in the run’s folder', async () => {
    test = await startTestServer();
    const path = await writeRun(join(test.runs, 'a'), { config: {} });
    const { id } =
      [...(await runsOf(test)).values()][0] ??
      (await test.server.studio.index.scan(), test.server.studio.index.rows[0]!);
    const changed = await test.change('PATCH', `/api/runs/${id}`, {
      note: '<b>first</b>',
      isStarred: true,
      name: 'mine',
    });
    expect(JSON.parse(changed.text)).toMatchObject({ name: 'mine', note: '<b>first</b>', isStarred: true });
    await test.change('PATCH', `/api/runs/${id}`, { isPutAway: true });
    expect(JSON.parse(await readFile(join(path, 'studio.json'), 'utf8'))).toEqual({
      name: 'mine',
      note: '<b>first</b>',
      isStarred: true,
      isPutAway: true,
    });
    for (const body of [{ note: 3 }, { other: 1 }, [], 'text'])
      expect((await test.change('PATCH', `/api/runs/${id}`, body)).status).toBe(400);
  });

  it('moves runs to the trash, brings them back and empties it', async () => {
    test = await startTestServer();
    await writeRun(join(test.runs, 'vae/a'), { config: { x: 1 } });
    await writeRun(join(test.runs, 'vae/b'), { config: { x: 1 } });
    await test.server.studio.index.scan();
    const ids = test.server.studio.index.rows.map(({ id }) => id);
    const removed = JSON.parse((await test.change('DELETE', `/api/runs/${ids[0]!}`)).text) as TrashRow;
    expect(existsSync(join(test.runs, 'vae/a'))).toBe(false);
    expect(await test.get('/api/trash')).toEqual([expect.objectContaining({ id: removed.id, path: 'vae/a' })]);
    expect((await runsOf(test)).size).toBe(1);
    expect((await test.change('POST', `/api/trash/${removed.id}/restore`)).status).toBe(200);
    expect(JSON.parse(await readFile(join(test.runs, 'vae/a/config.json'), 'utf8'))).toEqual({ x: 1 });
    for (const id of ids) await test.change('DELETE', `/api/runs/${id}`);
    expect((await test.change('DELETE', '/api/trash')).status).toBe(200);
    expect(await test.get('/api/trash')).toEqual([]);
    expect((await test.change('POST', `/api/trash/${removed.id}/restore`)).status).toBe(404);
    expect((await test.change('POST', '/api/trash/..%2f..%2fvae/restore')).status).toBe(404);
  });

  it('shows figures, series, checkpoints, weights and report', async () => {
    test = await startTestServer();
    await writeRun(join(test.runs, 'a'), {
      config: { size: 2 },
      summary: summaryOf('vae', 1),
      more: {
        'summary-evaluate.json': JSON.stringify({ ...summaryOf('vae', 2), command: 'evaluate' }),
        'report.html': '<script>alert(1)</script>',
        'figures/curve.png': 'png',
        'figures/curve.svg': '<svg onload="alert(1)"/>',
        'figures/samples/step-10.png': 'ten',
        'figures/samples/step-2.png': 'two',
        'checkpoints/best': 'step-2\n',
        'checkpoints/last': 'step-10\n',
        'checkpoints/step-2.state.json': '{}',
        'checkpoints/step-2.safetensors': 'weights',
        'checkpoints/step-10.state.json': '{}',
        'checkpoints/step-10.safetensors': 'later weights',
        'checkpoints/step-11.safetensors': 'half',
      },
    });
    await test.server.studio.index.scan();
    const { id } = test.server.studio.index.rows[0]!;
    const detail = await test.get<RunDetail>(`/api/runs/${id}`);
    expect(detail.figures).toEqual([
      { name: 'curve', steps: [], format: 'svg', href: `/api/runs/${id}/figures/curve.svg` },
      { name: 'samples', steps: [2, 10], format: 'png', href: `/api/runs/${id}/figures/samples/step-{step}.png` },
    ]);
    expect(detail.checkpoints.map(({ step, isBest, isLast }) => [step, isBest, isLast])).toEqual([
      [2, true, false],
      [10, false, true],
    ]);
    expect(detail).toMatchObject({
      hasReport: true,
      evaluations: { evaluate: { test: { loss: 2 } } },
      config: { size: 2 },
    });
    expect((await test.raw('GET', `/api/runs/${id}/figures/samples/step-2.png`)).text).toBe('two');
    const svg = await test.raw('GET', `/api/runs/${id}/figures/curve.svg`);
    const report = await test.raw('GET', `/api/runs/${id}/report`);
    for (const { headers } of [svg, report]) {
      expect(headers['content-security-policy']).toMatch(/^sandbox; default-src 'none'/);
      expect(headers['x-content-type-options']).toBe('nosniff');
    }
    expect((await test.raw('GET', `/api/runs/${id}/weights`)).text).toBe('weights');
    expect((await test.raw('GET', `/api/runs/${id}/weights?checkpoint=last`)).text).toBe('later weights');
    expect((await test.raw('GET', `/api/runs/${id}/weights?checkpoint=11`)).status).toBe(404);
    expect(await test.get(`/api/runs/${id}/config`)).toEqual({ size: 2 });
  });

  it('lists folders that are half written, damaged or strange, with their faults', async () => {
    test = await startTestServer();
    await writeRun(join(test.runs, 'empty-config'), { more: { 'config.json': '' } });
    await writeRun(join(test.runs, 'cut-summary'), { config: {}, more: { 'summary.json': '{"status": "comp' } });
    await writeRun(join(test.runs, 'odd-metrics'), { config: {}, metrics: `not json\n${lines(3)}\u0000\n{"step":` });
    await writeRun(join(test.runs, 'list-config'), { more: { 'config.json': '[1]' } });
    await writeRun(join(test.runs, 'deep'), {
      more: { 'config.json': `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}` },
    });
    await writeRun(join(test.runs, 'large'), { more: { 'config.json': `"${'x'.repeat(2 ** 21)}"` } });
    await mkdir(join(test.runs, 'folder-config/config.json'), { recursive: true });
    await mkdir(join(test.runs, 'half'));
    await test.server.studio.index.scan();
    const runs = await runsOf(test);
    expect([...runs.keys()].sort()).toEqual([
      'cut-summary',
      'deep',
      'empty-config',
      'large',
      'list-config',
      'odd-metrics',
    ]);
    expect(runs.get('empty-config')!.problems).toEqual(['config.json: expected JSON, found an empty file']);
    expect(runs.get('cut-summary')!.problems).toEqual(['summary.json: expected JSON, found damaged text']);
    expect(runs.get('large')!.problems[0]).toContain('expected at most');
    for (const { problems } of runs.values()) for (const line of problems) expect(line).not.toContain('\n');
    const { id } = runs.get('odd-metrics')!;
    const { curves } = await test.get<RunDetail>(`/api/runs/${id}`);
    expect(curves.find(({ name }) => name === 'train/loss')!.points).toBe(3);
    for (const each of runs.values()) expect((await test.raw('GET', `/api/runs/${each.id}`)).status).toBe(200);
  });

  it('follows no link out of the folder of runs', async () => {
    test = await startTestServer();
    const outside = await writeRun(join(test.folder, 'outside'), { config: { secret: 1 }, metrics: lines(2) });
    await symlink(outside, join(test.runs, 'linked'));
    await writeRun(join(test.runs, 'a'), { config: {}, more: { 'figures/own.png': 'own' } });
    await writeFile(join(test.folder, 'secret.png'), 'secret');
    await symlink(join(test.folder, 'secret.png'), join(test.runs, 'a/figures/linked.png'));
    await symlink(join(test.folder, 'secret.png'), join(test.runs, 'a/report.html'));
    await symlink(join(outside, 'metrics.jsonl'), join(test.runs, 'a/metrics.jsonl'));
    await mkdir(join(test.runs, 'a/checkpoints'));
    await writeFile(join(test.runs, 'a/checkpoints/step-1.state.json'), '{}');
    await symlink(join(test.folder, 'secret.png'), join(test.runs, 'a/checkpoints/step-1.safetensors'));
    await test.server.studio.index.scan();
    const rows = test.server.studio.index.rows;
    expect(rows.map(({ path }) => path)).toEqual(['a']);
    const { id } = rows[0]!;
    const status = async (path: string) => (await test!.raw('GET', `/api/runs/${id}/${path}`)).status;
    expect(await status('figures/own.png')).toBe(200);
    for (const path of [
      'figures/linked.png',
      'figures/../../../secret.png',
      'figures/..%2f..%2f..%2fsecret.png',
      'figures/%2e%2e/%2e%2e/secret.png',
      'figures/own.png%00.png',
      'report',
      'weights',
    ])
      expect([path, await status(path)]).toEqual([path, 404]);
    expect((await test.get<RunDetail>(`/api/runs/${id}`)).curves).toEqual([]);
    for (const path of [
      '/../secret.png',
      '/..%2fsecret.png',
      '/assets/..%2f..%2fsecret.png',
      '/%2e%2e/secret.png',
      '/a%00.js',
    ])
      expect([path, (await test.raw('GET', path)).status]).toEqual([path, 404]);
  });

  it('starts again from its index, and without one', async () => {
    const folder = await makeFolders();
    await writeRun(join(folder, 'runs/a'), { config: { x: 1 }, metrics: lines(5000), summary: summaryOf('vae', 1) });
    test = await startTestServer({}, folder);
    const before = await runsOf(test);
    await test.close();
    await appendFile(join(folder, 'runs/a/metrics.jsonl'), metricLine(9000, 'validation', { loss: 0.001 }));
    test = await startTestServer({}, folder);
    const after = await runsOf(test);
    expect(after.get('a')).toMatchObject({ id: before.get('a')!.id, step: 9000 });
    await test.close();
    await writeFile(join(folder, 'cache', 'index-0.json'), 'damaged');
    await rm(join(folder, 'cache'), { recursive: true });
    test = await startTestServer({}, folder);
    expect((await runsOf(test)).get('a')!.step).toBe(9000);
    await test.close();
    test = undefined;
    await rm(folder, { recursive: true });
  });
});
