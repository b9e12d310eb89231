import { expect, it } from 'vitest';
import { type View, violationsOfViews } from './testing/axe.ts';
import { usePage } from './testing/harness.ts';

const page = usePage({ runs: 22 });
const views: readonly View[] = [
  ['table', '#/', '[data-run]'],
  ['groups and a choice', '#/?group=system&chosen=vae-0,vae-5', '.chosen-bar'],
  ['wrong search', '#/?q=loss+<', '.search-error'],
  ['no run', '#/?q=nothing-has-this', '.empty'],
  ['curves of a run', '#/run/vae-15?smoothing=0.5&x=100~600', '.chart canvas'],
  ['figures of a run', '#/run/vae-15?tab=figures', '.figure img'],
  ['configuration of a run', '#/run/vae-5?tab=configuration', '[data-differs=true]'],
  ['checkpoints of a run', '#/run/vae-15?tab=checkpoints', '.badge.good'],
  ['missing run', '#/run/none', '.empty'],
];

it('has no violation in light and dark', async () => {
  const tab = await page.open('#/', {
    viewport: { width: 1440, height: 560 },
    reducedMotion: 'reduce',
    bypassCSP: true,
  });
  expect(await violationsOfViews(tab, views)).toEqual({});
});
