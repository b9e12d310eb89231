import { expect, it } from 'vitest';
import { usePage } from '../testing/harness.ts';

const page = usePage({ runs: 10 });

it('checks limits as one types, shows the command, and launches', async () => {
  const tab = await page.open('#/launch?system=vae');
  const epochs = tab.getByRole('textbox', { name: 'epochs' });
  await epochs.fill('0');
  await tab.getByText('training.epochs: expected at least 1').waitFor();
  expect(await tab.getByRole('button', { name: 'Train', exact: true }).isDisabled()).toBe(true);
  await epochs.fill('3');
  await tab.getByText('pnpm --filter vae train --set training.epochs=3', { exact: true }).waitFor();
  await tab.getByRole('combobox', { name: 'Preset' }).selectOption('small');
  await tab.getByText('pnpm --filter vae train --preset small --set training.epochs=3', { exact: true }).waitFor();
  await expect.poll(() => tab.getByRole('textbox', { name: 'learningRate' }).inputValue()).toBe('0.003');
  await tab.reload();
  await expect.poll(() => epochs.inputValue()).toBe('3');
  await tab.getByRole('button', { name: 'Train', exact: true }).click();
  await expect.poll(() => page.server.queue.length).toBe(1);
  await tab.getByRole('button', { name: /^Take out/ }).click();
  await expect.poll(() => page.server.queue.length).toBe(0);
});

it('takes searches in a sweep alone', async () => {
  const tab = await page.open('#/launch?system=vae&command=sweep');
  const rate = tab.getByRole('textbox', { name: 'learningRate' });
  await rate.fill('log:1e-4..1e-2');
  await tab.getByRole('button', { name: 'Start the sweep' }).click();
  await expect
    .poll(() => page.server.launched.at(-1)?.search)
    .toEqual({
      grid: {},
      random: { 'training.learningRate': 'log:1e-4..1e-2' },
    });
  await tab.getByRole('radio', { name: 'train' }).check();
  await tab.getByText('training.learningRate: expected a number').waitFor();
});
