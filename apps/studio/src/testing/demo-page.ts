import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';

/** File that "Save numbers" saves. */
export interface SavedDemo {
  readonly system: string;
  readonly backend: { readonly name: string };
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** Waits until the demo has results for the present values. */
export async function settled(page: Page): Promise<void> {
  await page.waitForTimeout(60);
  await page.waitForSelector('.demo[data-results="true"][data-running="false"]', { timeout: 30_000 });
}

/** Where an element is, once it is in view. */
export async function boxOf(element: Locator): Promise<Readonly<Record<'x' | 'y' | 'width' | 'height', number>>> {
  await element.scrollIntoViewIfNeeded();
  return (await element.boundingBox())!;
}

/** Draws strokes on the sketch pad; places are shares of its side. */
export async function draw(page: Page, points: readonly (readonly [x: number, y: number])[]): Promise<void> {
  const box = await boxOf(page.locator('.demo-sketch canvas'));
  for (const [index, [x, y]] of points.entries()) {
    await page.mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 8 });
    if (index === 0) await page.mouse.down();
  }
  await page.mouse.up();
}

/** Numbers that the page shows. */
export async function savedNumbers(page: Page): Promise<SavedDemo> {
  const [download] = await Promise.all([page.waitForEvent('download'), page.click('[data-action="save"]')]);
  return JSON.parse(await readFile(await download.path(), 'utf8')) as SavedDemo;
}

/** A fact of the demo's foot, such as `12 ms a run`. */
export async function fact(page: Page, name: string): Promise<string> {
  return page.locator(`[data-fact="${name}"]`).innerText();
}

/** Duration in milliseconds of a fact such as `first result after 1.20 s`. */
export function millisecondsOf(text: string): number {
  const [, amount, unit] = /([\d.]+) (ms|s)\b/.exec(text)!;
  return Number(amount) * (unit === 's' ? 1000 : 1);
}
