import { expect, it } from 'vitest';
import { usePage } from '../testing/harness.ts';

const page = usePage({ runs: 10 });

it('brings runs back, and empties the trash after a question', async () => {
  const { server } = page;
  for (const id of ['vae-0', 'vae-5']) {
    server.trash.set(id, server.rows.get(id)!);
    server.remove(id);
  }
  const tab = await page.open('#/trash');
  await tab.getByRole('button', { name: 'Restore vae-5' }).click();
  await expect.poll(() => server.rows.has('vae-5')).toBe(true);
  await tab.getByRole('button', { name: 'Empty the trash' }).click();
  await tab.getByRole('button', { name: 'Keep' }).click();
  expect(server.trash.size).toBe(1);
  await tab.getByRole('button', { name: 'Empty the trash' }).click();
  await tab.getByRole('button', { name: 'Remove it for good' }).click();
  await tab.getByText('The trash is empty', { exact: true }).waitFor();
  expect(server.trash.size).toBe(0);
});
