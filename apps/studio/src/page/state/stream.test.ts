import { expect, it } from 'vitest';
import { FakeServer } from '../testing/fake-server.ts';
import { usePage } from '../testing/harness.ts';

const page = usePage({ runs: 30 });

it('holds one stream for all tabs of a browser', async () => {
  const first = await page.open();
  await first.getByText('live').waitFor();
  const before = page.server.openStreams;
  const tabs = [first];
  for (let count = 0; count < 8; count++) {
    const tab = await first.context().newPage();
    await tab.goto(`${page.server.url}#/run/vae-15`);
    await tab.getByText('live').waitFor();
    tabs.push(tab);
  }
  expect(page.server.openStreams).toBe(before);
  page.server.change('vae-15', { name: 'renamed' });
  for (const tab of tabs) await tab.getByText('renamed').first().waitFor({ timeout: 2000 });
});

it('elects one tab where there is no SharedWorker, and another one when it is closed', async () => {
  const first = await page.open('about:blank');
  const context = first.context();
  await context.addInitScript(() => {
    Reflect.deleteProperty(globalThis, 'SharedWorker');
  });
  const before = page.server.openStreams;
  await first.goto(page.server.url);
  await first.getByText('live').waitFor();
  const second = await context.newPage();
  await second.goto(page.server.url);
  await second.getByText('live').waitFor();
  expect(page.server.openStreams).toBe(before + 1);
  await first.close({ runBeforeUnload: false });
  await expect.poll(() => page.server.openStreams, { timeout: 6000 }).toBe(before + 1);
  await expect
    .poll(
      async () => {
        page.server.change('vae-10', { name: `changed ${Math.random()}` });
        return second.locator('[data-run="vae-10"]').textContent();
      },
      { timeout: 8000 },
    )
    .toContain('changed');
});

it('says that the server went away, and goes on when it was started again with another token', async () => {
  const server = await FakeServer.start({ folder: page.folder, runs: 12, token: 'first' });
  const tab = await page.open('about:blank');
  await tab.goto(`${server.url}#/?sort=started`);
  await tab.getByText('live').waitFor();
  const { port } = server;
  await server.close();
  await tab.getByText('connection lost').waitFor();
  const again = await FakeServer.start({ folder: page.folder, runs: 14, token: 'second', port });
  try {
    await tab.getByText('live', { exact: false }).waitFor({ timeout: 10_000 });
    await tab.getByText('14 runs').waitFor();
    again.change('vae-0', { name: 'after the start' });
    await tab.getByText('after the start').waitFor();
    await tab.getByRole('button', { name: 'Star after the start' }).click();
    await expect.poll(() => again.rows.get('vae-0')!.isStarred).toBe(false);
  } finally {
    await again.close();
  }
});
