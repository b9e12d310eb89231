import { expect, it } from 'vitest';
import { type View, violationsOfViews, violationsOf } from './testing/axe.ts';
import { usePage } from './testing/harness.ts';

const page = usePage({ runs: 60 });
const views: readonly View[] = [
  ['compared curves', '#/compare?runs=vae-0,vae-5,vae-10', '.chart canvas'],
  ['compared configuration', '#/compare?runs=vae-0,vae-5,vae-10&tab=configuration', 'tbody tr'],
  ['compared metrics', '#/compare?runs=vae-0,vae-5,vae-10&tab=metrics', '.best'],
  ['scatter', '#/compare?runs=vae-0,vae-5,vae-10&tab=scatter', '.point'],
  ['parallel coordinates', '#/compare?runs=vae-0,vae-5,vae-10&tab=parallel', '.line'],
  ['launch', '#/launch?system=vae&set.training.epochs=4', '.command'],
  ['wrong launch', '#/launch?system=vae&command=sweep&set.training.epochs=0', '.warning'],
  ['trash', '#/trash', '.empty, tbody'],
];

it('has no violation in light and dark', async () => {
  const tab = await page.open('#/', { reducedMotion: 'reduce', bypassCSP: true });
  expect(await violationsOfViews(tab, views)).toEqual({});
});

it('has no violation at the width of a telephone', async () => {
  const tab = await page.open('#/run/vae-15', { viewport: { width: 375, height: 700 }, bypassCSP: true });
  await tab.locator('.chart canvas').first().waitFor();
  expect(await violationsOf(tab)).toEqual([]);
  expect(await tab.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375);
});
