/** Times what a person waits for, in Chromium on made runs: `tsx src/page/testing/measure-cli.ts`. */
import type { Page } from 'playwright-core';
import { buildPage, startBrowser } from './browser.ts';
import { FakeServer } from './fake-server.ts';

const FRAMES = 120;

const { folder, remove } = await buildPage();
const browser = await startBrowser();

/** Milliseconds between frames while the charts of a page are zoomed and panned by the wheel, a step a frame. */
async function framesOf(page: Page): Promise<number[]> {
  return page.evaluate(async (count) => {
    const over = document.querySelector('.u-over')!;
    const { left, top, width } = over.getBoundingClientRect();
    const times: number[] = [];
    let last = performance.now();
    for (let frame = 0; frame < count; frame++) {
      const deltaY = frame % 20 < 10 ? -100 : 100;
      const at = { clientX: left + width * (0.3 + 0.4 * Math.sin(frame / 9)), clientY: top + 50 };
      over.dispatchEvent(new WheelEvent('wheel', { deltaY, ctrlKey: true, cancelable: true, ...at }));
      await new Promise(requestAnimationFrame);
      const now = performance.now();
      times.push(now - last);
      last = now;
    }
    return times.sort((a, b) => a - b);
  }, FRAMES);
}

async function measure(name: string, hash: string, ready: string, points: number): Promise<void> {
  const server = await FakeServer.start({ folder, runs: 1000, points });
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${server.url}#/trash`);
  await page.getByText('live').waitFor();
  const start = performance.now();
  await page.evaluate((next) => {
    location.hash = next;
  }, hash);
  await page.waitForFunction((selector) => document.querySelectorAll(selector).length > 0, ready, { polling: 'raf' });
  const paint = performance.now() - start;
  const line = [`${name}: first paint ${Math.round(paint)} ms`];
  if (hash !== '#/') {
    await page.waitForTimeout(500);
    const frames = await framesOf(page);
    const [median, late] = [frames[FRAMES >> 1]!, frames[Math.floor(FRAMES * 0.95)]!];
    line.push(`frames while zooming: median ${median.toFixed(1)} ms, 95th percentile ${late.toFixed(1)} ms`);
  }
  process.stdout.write(`${line.join('; ')}\n`);
  await page.close();
  await server.close();
}

// The server thins a curve of a million points to four a pixel: 3,200.
const fifty = Array.from({ length: 50 }, (_, index) => `vae-${index * 5}`).join(',');
await measure('table of 1,000 runs', '#/', '[data-run]', 100);
await measure('a curve of 3,200 points', '#/run/vae-15?metric=loss', '.legend-value', 3200);
await measure('50 runs overlaid', `#/compare?runs=${fifty}&metric=train/loss`, '.legend-value', 960);
await browser.close();
await remove();
