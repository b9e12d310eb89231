import { expect, it } from 'vitest';
import { usePage } from '../testing/harness.ts';

const page = usePage({ runs: 40, charts: 30 });

it('draws charts as they come into view', async () => {
  const tab = await page.open('#/run/vae-15');
  await tab.locator('[data-chart=loss] canvas').waitFor();
  const first = await tab.locator('.chart canvas').count();
  expect(first).toBeLessThan(16);
  await tab.evaluate(() => {
    window.scrollTo(0, document.body.scrollHeight);
  });
  await expect.poll(() => tab.locator('.chart canvas').count()).toBeGreaterThan(first);
});

it('shows a line that the training wrote within a second, and asks for the new part alone', async () => {
  const tab = await page.open('#/run/vae-15?metric=loss');
  const legend = tab.locator('[data-chart=loss] .legend li').first();
  await legend.waitFor();
  const asked = page.server.queries.length;
  for (const [x, y] of [
    [1001, 0.5],
    [1002, 0.123],
  ] as const)
    page.server.addPoint('vae-15', 'train/loss', x, y);
  await expect.poll(() => legend.locator('.legend-value').textContent(), { timeout: 1000 }).toBe('0.123');
  expect(page.server.queries.slice(asked).filter((query) => query.includes('from=')).length).toBeGreaterThan(0);
});

it('keeps smoothing, scale, axis and zoom in the address, for all charts at once', async () => {
  const tab = await page.open('#/run/vae-15?metric=loss');
  await tab.locator('[data-chart=loss] canvas').waitFor();
  await tab.getByRole('slider', { name: /Smoothing/ }).fill('0.9');
  await tab.locator('[data-chart=loss] .legend-raw').first().waitFor();
  await tab.getByRole('radio', { name: 'log' }).check();
  await tab.getByRole('checkbox', { name: 'Ignore outliers' }).check();
  const box = (await tab.locator('[data-chart=loss] .u-over').boundingBox())!;
  await tab.mouse.move(box.x + box.width * 0.25, box.y + 50);
  await tab.mouse.down();
  await tab.mouse.move(box.x + box.width * 0.5, box.y + 60, { steps: 4 });
  await tab.mouse.up();
  await expect.poll(() => new URL(tab.url()).hash).toMatch(/x=2\d\d[\d.]*\.\.(49|50)\d/);
  expect(new URL(tab.url()).hash).toContain('smoothing=0.9');
  await tab.reload();
  await tab.getByRole('button', { name: 'Whole range' }).first().waitFor();
  expect(await tab.getByRole('radio', { name: 'log' }).isChecked()).toBe(true);
  await tab.locator('[data-chart=loss] .chart-canvas').focus();
  await tab.keyboard.press('0');
  await expect.poll(() => new URL(tab.url()).hash).not.toContain('x=');
});

it('moves one crosshair in all charts, by keyboard too, and says the values at a step', async () => {
  const tab = await page.open('#/run/vae-25');
  await tab.locator('[data-chart=accuracy] canvas').waitFor();
  await tab.locator('[data-chart=loss] .chart-canvas').focus();
  await tab.keyboard.press('Home');
  await tab.keyboard.press('Shift+ArrowRight');
  for (const name of ['loss', 'accuracy'])
    await expect.poll(() => tab.locator(`[data-chart=${name}] .legend-x`).textContent()).toBe('step 100');
  await expect
    .poll(() => tab.locator('[data-chart=accuracy] .u-cursor-x').getAttribute('style'))
    .toMatch(/translate\([1-9]/);
});

it('saves curves as PNG, SVG and CSV', async () => {
  const tab = await page.open('#/run/vae-15?metric=loss');
  await tab.locator('[data-chart=loss] canvas').waitFor();
  for (const [kind, start] of [
    ['PNG', '\u0089PNG'],
    ['SVG', '<svg'],
    ['CSV', 'step,'],
  ] as const) {
    await tab.locator('[data-chart=loss] summary').click();
    const download = tab.waitForEvent('download');
    await tab.locator('[data-chart=loss] .menu-body').getByText(kind).click();
    const stream = await (await download).createReadStream();
    const parts: Buffer[] = [];
    for await (const part of stream) parts.push(part as Buffer);
    expect(Buffer.concat(parts).toString('latin1').slice(0, start.length)).toBe(start);
    await tab.keyboard.press('Escape');
  }
});

it('shows figures by step, what differs and why, checkpoints, commands, and the demo', async () => {
  const tab = await page.open('#/run/vae-5?tab=figures');
  const picture = tab.getByRole('img', { name: 'samples, step 300' });
  await picture.waitFor();
  await tab.getByRole('slider', { name: /Step/ }).fill('0');
  await tab.getByRole('img', { name: 'samples, step 100' }).waitFor();
  await tab.getByRole('tab', { name: 'Configuration' }).click();
  await tab.getByRole('checkbox', { name: /Only what differs/ }).check();
  await tab.getByRole('row', { name: /training\.epochs differs: 4 10 enough for the loss to settle/ }).waitFor();
  await tab.getByRole('tab', { name: /Checkpoints/ }).click();
  await tab.getByText('★ best').waitFor();
  await tab.getByText('pnpm --filter vae train --resume runs/vae-5').waitFor();
  await tab.getByRole('tab', { name: 'Try it' }).click();
  await tab.locator('.demo').waitFor();
});

it('stops, evaluates, notes, renames and forks', async () => {
  const tab = await page.open('#/run/vae-15');
  await tab.getByRole('button', { name: 'Stop' }).click();
  await expect.poll(() => page.server.rows.get('vae-15')!.status).toBe('stopped');
  await tab.getByRole('button', { name: 'Evaluate' }).click();
  await expect.poll(() => page.server.queue.at(-1)?.command).toContain('evaluate');
  await tab.getByRole('textbox', { name: 'Note' }).fill('wide & <b>slow</b>');
  await tab.getByRole('button', { name: 'Rename' }).click();
  await tab.getByRole('textbox', { name: 'Name of the run' }).fill('wide');
  await tab.keyboard.press('Enter');
  await expect.poll(() => page.server.rows.get('vae-15')!.note).toBe('wide & <b>slow</b>');
  await expect.poll(() => page.server.rows.get('vae-15')!.name).toBe('wide');
  await tab.getByRole('link', { name: 'Fork' }).click();
  await tab.getByRole('heading', { name: 'Launch' }).waitFor();
  expect(new URL(tab.url()).hash).toContain('system=vae');
});

it('says that the folder of a run is gone, and keeps what was read', async () => {
  const tab = await page.open('#/run/vae-35');
  await tab.locator('[data-chart=loss] canvas').waitFor();
  page.server.remove('vae-35');
  await tab.getByText('The folder of this run is gone').waitFor({ timeout: 2000 });
  expect(await tab.locator('[data-chart=loss] canvas').count()).toBe(1);
});
