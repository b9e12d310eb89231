/**
 * Watches the memory of server and page while curves are live: the server as a user starts it, trainings that write
 * lines all the time, a page in Chromium that shows one of them, and another that compares them all.
 *
 * `node --conditions=@motley/source --import tsx apps/studio/src/page/testing/measure-live-cli.ts --minutes 60`
 */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CDPSession, Page } from 'playwright-core';
import { metricLine, startOf } from '../../server/testing/run-fixtures.ts';
import { startStudio } from '../../server/testing/studio-process.ts';
import type { RunList } from '../../shared/api.ts';
import { startBrowser } from './browser.ts';

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    trainings: { type: 'string', default: '4' },
    every: { type: 'string', default: '5' },
    /** Lines a second of each training. */
    lines: { type: 'string', default: '10' },
  },
});
const CURVES = 20;

const folder = await mkdtemp(join(tmpdir(), 'motley-live-'));
const paths = Array.from({ length: Number(options.trainings) }, (_, index) => join(folder, 'runs', `run-${index}`));
for (const path of paths) {
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'config.json'), '{}');
  writeFileSync(join(path, 'start.json'), JSON.stringify(startOf('vae', null)));
  writeFileSync(join(path, 'metrics.jsonl'), '');
}
let step = 0;
const writing = setInterval(
  () => {
    step++;
    const metrics: Record<string, number> = {};
    for (let curve = 0; curve < CURVES; curve++)
      metrics[curve === 0 ? 'loss' : `metric${curve}`] = Math.exp(-step / 1e4) + 0.1 * Math.sin(step * (1 + curve));
    for (const path of paths) appendFileSync(join(path, 'metrics.jsonl'), metricLine(step, 'train', metrics));
  },
  1000 / Number(options.lines),
);

const server = await startStudio(['--runs', join(folder, 'runs')], join(folder, 'cache'));
const browser = await startBrowser();

/** MiB and elements of a page after its garbage was collected. */
async function usageOf(session: CDPSession): Promise<{ readonly mebibytes: number; readonly elements: number }> {
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const value = (name: string): number => metrics.find((each) => each.name === name)!.value;
  return { mebibytes: value('JSHeapUsedSize') / 2 ** 20, elements: value('Nodes') };
}

async function open(hash: string): Promise<{ readonly page: Page; readonly session: CDPSession }> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${server.address}${hash}`);
  await page.locator('canvas').first().waitFor({ timeout: 60_000 });
  const session = await context.newCDPSession(page);
  await session.send('Performance.enable');
  return { page, session };
}

try {
  await new Promise((resolve) => setTimeout(resolve, 10_000));
  const { runs } = (await (await fetch(`${server.address}api/runs`)).json()) as RunList;
  const ids = runs.map(({ id }) => id);
  const [one, all] = [await open(`#/run/${ids[0]!}`), await open(`#/compare?runs=${ids.join(',')}&metric=loss`)];
  process.stdout.write('minutes  lines of a run  server MiB  page of a run MiB, elements  comparison MiB, elements\n');
  const startedAt = Date.now();
  for (let minutes = 0; minutes <= Number(options.minutes); minutes += Number(options.every)) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, startedAt + 60_000 * minutes - Date.now())));
    const resident =
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid!}/status`, 'utf8'))![1]) / 1024;
    const [first, second] = [await usageOf(one.session), await usageOf(all.session)];
    const shown = await one.page.locator('.legend-x').first().textContent();
    const pages = [first, second].map(({ mebibytes, elements }) => `${mebibytes.toFixed(1)}, ${elements}`);
    process.stdout.write(`${minutes}  ${step}  ${resident.toFixed(0)}  ${pages.join('  ')}  ${shown ?? ''}\n`);
  }
} finally {
  clearInterval(writing);
  await browser.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
