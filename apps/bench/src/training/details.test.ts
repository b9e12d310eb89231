import { expect, it } from 'vitest';
import { chartOf } from './command.ts';
import type { Measurement } from './compare.ts';
import { detailsOf } from './details.ts';
import { findStep } from './steps/index.ts';

const measured = (times: number[], engine?: string): Measurement => ({
  times,
  coldStartInMs: 4000,
  firstStepInMs: 1234,
  traceTimeInMs: engine === undefined ? undefined : 321,
  peakMemoryInBytes: 5e8,
  version: '1',
  engine,
});
const results = [
  {
    step: findStep('vae'),
    comparison: {
      measurements: new Map([
        ['compiled', measured([5, 4, 6], 'xla')],
        ['eager', measured([20])],
        ['PyTorch', measured([10])],
      ]),
      mismatched: ['Keras: loss 7 at step 1, ours is 6: it does not compute the same'],
      failures: [],
    },
  },
  {
    step: findStep('CNN'),
    comparison: { measurements: new Map([['compiled', measured([50], 'grappler')]]), mismatched: [], failures: [] },
  },
];

it('details list engines, start-up costs and failures', () => {
  const page = detailsOf(results);
  expect(page).toMatch(/^\| VAE +\| dense VAE.*\| +xla \| +0\.32 \| +25,600 \| +20\.0 \|$/m); // 128 examples in 5 ms
  expect(page).toMatch(/^\| CNN +\| +1\.23 \| +– \| +– \|$/m);
  expect(page).toMatch(/^\| VAE +\| +500 \| +500 \| +500 \|$/m);
  expect(page).toMatch(/^- VAE: Keras: loss 7 at step 1/m);
});

it('the chart shows times relative to ours, without missing contenders', () => {
  const { svg } = chartOf(results);
  expect(svg).toContain('PyTorch');
  expect(svg).toMatch(/>2\.00</);
});
