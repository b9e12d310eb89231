import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { describeNative } from './testing.ts';

describeNative('worker threads', () => {
  it('train in several threads at once, each with its own tensors', { timeout: 60_000 }, async () => {
    const seeds = [2, -3, 5];
    const results = await Promise.all(seeds.map(train));
    results.forEach(({ first, last, slope }, index) => {
      expect(first).toBeGreaterThan(1);
      expect(last).toBeLessThan(1e-6);
      expect(slope).toBeCloseTo(seeds[index]!, 3);
    });
  });
});

async function train(seed: number): Promise<{ first: number; last: number; slope: number }> {
  const worker = new Worker(new URL('fixtures/worker.ts', import.meta.url), {
    execArgv: ['--conditions=@motley/source', '--import', 'tsx'],
  });
  const exited = once(worker, 'exit');
  worker.postMessage(seed);
  const [result] = (await once(worker, 'message')) as [{ first: number; last: number; slope: number }];
  expect(await exited).toEqual([0]);
  return result;
}
