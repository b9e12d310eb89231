import { expect, it } from 'vitest';
import { usePage } from '../testing/harness.ts';

const page = usePage({ runs: 1200 });

it('shows 1,200 runs, and makes only the rows that are seen', async () => {
  const tab = await page.open();
  await tab.getByText('hr-attrition-1199', { exact: true }).waitFor();
  expect(await tab.locator('[data-run]').count()).toBeLessThan(60);
  await tab.locator('.grid').evaluate((grid) => {
    grid.scrollTop = grid.scrollHeight;
  });
  await tab.locator('[data-run="vae-0"]').waitFor();
});

it('filters by any field or metric, and says what is wrong with a search', async () => {
  const tab = await page.open();
  const search = tab.getByLabel('Search and filter');
  await search.fill('training.epochs > 15 system = vae');
  await tab.locator('.count', { hasText: /^\d+ of 1200 runs$/ }).waitFor();
  await expect.poll(() => tab.locator('[data-run]').first().getAttribute('data-run')).toMatch(/^vae-/);
  for (const text of await tab.locator('[data-run] [data-title=Differs]').allTextContents())
    expect(text).toContain('epochs 20');
  await search.fill('validation/loss <');
  await tab.getByText('a value is missing after validation/loss <').waitFor();
  await search.fill('nothing-has-this');
  await tab.getByText('No run fits').waitFor();
});

it('keeps search, order, groups, columns and choice in the address', async () => {
  const tab = await page.open();
  await tab.getByRole('button', { name: 'Objective' }).click();
  await tab.getByRole('combobox', { name: 'Group by' }).selectOption('system');
  await tab.getByLabel('Search and filter').fill('status = completed');
  await tab.getByRole('button', { name: /^char-rnn \d+$/ }).click();
  await tab.locator('summary', { hasText: 'Columns' }).click();
  await tab.getByRole('checkbox', { name: 'validation/accuracy' }).check();
  await tab.keyboard.press('Escape');
  await tab
    .getByRole('checkbox', { name: /^Choose hr-attrition/ })
    .first()
    .check();
  await expect.poll(() => new URL(tab.url()).hash).toContain('chosen=');
  const before = await tab.locator('[data-run]').evaluateAll((rows) => rows.map((row) => row.dataset.run));
  await tab.reload();
  await tab.locator('[data-run]').first().waitFor();
  expect(await tab.locator('[data-run]').evaluateAll((rows) => rows.map((row) => row.dataset.run))).toEqual(before);
  await tab.getByText('1 chosen').waitFor();
  await tab.getByRole('columnheader', { name: 'validation/accuracy' }).waitFor();
  expect(await tab.getByRole('button', { name: /^char-rnn \d+$/ }).getAttribute('aria-expanded')).toBe('false');
});

it('stars by keyboard, puts away, deletes, and shows names as text', async () => {
  const tab = await page.open('#/?q=vae&sort=started');
  const row = tab.locator('[data-run="vae-5"]');
  await row.focus();
  await tab.keyboard.press('s');
  await expect.poll(() => page.server.rows.get('vae-5')!.isStarred).toBe(true);
  await tab.keyboard.press('ArrowDown');
  await tab.keyboard.press(' ');
  await tab.getByText('1 chosen').waitFor();
  await tab.getByRole('button', { name: 'Put away' }).click();
  await expect.poll(() => page.server.rows.get('vae-10')!.isPutAway).toBe(true);
  await row.waitFor();
  expect(await tab.locator('[data-run="vae-10"]').count()).toBe(0);
  await tab.getByRole('button', { name: 'Clear' }).click();
  await row.getByRole('checkbox').check();
  await tab.getByRole('button', { name: 'Delete' }).click();
  await tab.getByRole('button', { name: 'Move to the trash' }).click();
  await expect.poll(() => page.server.trash.has('vae-5')).toBe(true);
  await row.waitFor({ state: 'detached' });
});

it('shows what changes within a second, markup in a name as text', async () => {
  const tab = await page.open('#/?q=vae&sort=started');
  await tab.locator('[data-run="vae-20"]').waitFor();
  page.server.change('vae-20', { name: '<img src=x onerror=alert(1)>', status: 'failed' });
  await tab.getByText('<img src=x onerror=alert(1)>').waitFor({ timeout: 1000 });
  expect(await tab.locator('.grid img').count()).toBe(0);
});

it('is usable at the width of a telephone', async () => {
  const tab = await page.open('#/?chosen=vae-15', { viewport: { width: 375, height: 700 } });
  await tab.locator('[data-run]').first().waitFor();
  const width = await tab.evaluate(() => document.documentElement.scrollWidth);
  expect(width).toBeLessThanOrEqual(375);
  expect(await tab.locator('[data-run] [data-title=Status]').first().isVisible()).toBe(true);
});
