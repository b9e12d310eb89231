import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { usePage } from './testing/harness.ts';

const MOST_BYTES = 120_000;
const page = usePage({ runs: 5 });

it('has at most 120 kB of scripts, compressed, and no code or style in its markup', async () => {
  const html = await readFile(join(page.folder, 'index.html'), 'utf8');
  expect(html).not.toMatch(/<style|<script(?![^>]* src=)|\son\w+=|style=/);
  const tab = await page.open();
  await tab.locator('[data-run]').first().waitFor();
  const names = await tab.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .map(({ name }) => new URL(name).pathname)
      .filter((name) => name.endsWith('.js')),
  );
  expect(names.length).toBeGreaterThan(0);
  let bytes = 0;
  for (const name of names) bytes += gzipSync(await readFile(join(page.folder, name))).length;
  expect(bytes).toBeLessThan(MOST_BYTES);
});

it('keeps to light or dark as it is chosen', async () => {
  const tab = await page.open('#/', { colorScheme: 'light' });
  const themeOf = (): Promise<string | undefined> => tab.evaluate(() => document.documentElement.dataset.theme);
  expect(await themeOf()).toBe('light');
  await tab.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(themeOf).toBe('dark');
  await tab.getByRole('button', { name: /^Colors: system/ }).click();
  expect(await themeOf()).toBe('light');
  await tab.reload();
  expect(await themeOf()).toBe('light');
});

it('is gone through by keyboard: skip link, pages, search', async () => {
  const tab = await page.open();
  await tab.locator('[data-run]').first().waitFor();
  await tab.keyboard.press('Tab');
  expect(await tab.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content');
  await tab.keyboard.press('Enter');
  expect(await tab.evaluate(() => document.activeElement?.id)).toBe('content');
  await tab.keyboard.press('/');
  await tab.keyboard.type('vae');
  await expect.poll(() => tab.locator('[data-run]').count()).toBe(1);
});
