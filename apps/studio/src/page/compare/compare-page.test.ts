import { expect, it } from 'vitest';
import { usePage } from '../testing/harness.ts';

const page = usePage({ runs: 80 });
const RUNS = 'vae-0,vae-5,vae-10,vae-15,vae-20,vae-25,vae-30,vae-35,vae-60,vae-65,vae-70,vae-75';

it('overlays runs, folds them over seeds, and keeps their looks', async () => {
  const tab = await page.open(`#/compare?runs=${RUNS}`);
  const legend = tab.locator('[data-chart="validation/loss"] .legend li');
  await expect.poll(() => legend.count()).toBe(12);
  const lookOf = (name: string): Promise<string | null> =>
    tab.locator('.chosen li', { hasText: name }).locator('svg').first().getAttribute('data-color');
  const before = await lookOf('vae-20');
  await tab.getByRole('button', { name: 'Leave out vae-0', exact: true }).click();
  await expect.poll(() => legend.count()).toBe(11);
  expect(await lookOf('vae-20')).toBe(before);
  await tab.getByRole('checkbox', { name: 'Mean and band over seeds' }).check();
  await expect.poll(() => legend.count()).toBeLessThan(11);
  await tab.reload();
  await expect.poll(() => legend.count()).toBeLessThan(11);
  await expect.poll(() => legend.count()).toBeGreaterThan(0);
  expect(await lookOf('vae-20')).toBe(before);
});

it('shows differing fields alone, and marks the best', async () => {
  const tab = await page.open(`#/compare?runs=${RUNS}&tab=configuration`);
  await tab.getByRole('rowheader', { name: 'training.learningRate' }).waitFor();
  expect(await tab.getByRole('rowheader', { name: 'model.hiddenSizes' }).count()).toBe(0);
  await tab.getByRole('tab', { name: 'Metrics' }).click();
  const row = tab.getByRole('row', { name: /^validation\/loss/ });
  await row.waitFor();
  expect(await row.locator('.best').count()).toBe(1);
  const values = await row.locator('td.number').allTextContents();
  const numbers = values.map((text) => Number(text.replace('★ ', '')));
  const best = numbers.reduce((least, value) => Math.min(least, value));
  expect(await row.locator('.best').textContent()).toBe(`★ ${best}`);
});

it('draws a scatter, parallel coordinates and importance', async () => {
  const tab = await page.open(`#/compare?runs=${RUNS}&tab=scatter`);
  await expect.poll(() => tab.locator('.point').count()).toBe(12);
  await tab.getByRole('combobox', { name: 'Across' }).selectOption('training.learningRate');
  await expect.poll(() => new URL(tab.url()).hash).toContain('field=training.learningRate');
  await tab.getByRole('tab', { name: 'Parallel and importance' }).click();
  await expect.poll(() => tab.locator('.parallel .line').count()).toBe(12);
  await tab.getByRole('meter', { name: 'training.epochs explains' }).waitFor();
  await tab.locator('.parallel .line').first().focus();
  await tab.keyboard.press('Enter');
  await tab.locator('.run-head').waitFor();
});

it('says which runs of a link are gone', async () => {
  const tab = await page.open('#/compare?runs=vae-0,lost');
  await tab.getByText('Gone: lost').waitFor();
});
