import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { describeNative } from './testing.ts';

describeNative('worker threads', () => {
  it('train in several threads at once, each on its own tensors', { timeout: 60_000 }, async () => {
    const seeds = [2, -3, 5];
    const results = await Promise.all(seeds.map(train));
    results.forEach(({ first, last, slope }, index) => {
      expect(first).toBeGreaterThan(1);
      expect(last).toBeLessThan(1e-6);
      expect(slope).toBeCloseTo(seeds[index]!, 3);
    });
  });
});

// On Node 20, `--import tsx` does not reach worker threads.
const LOAD_TYPESCRIPT = `
  require(${JSON.stringify(createRequire(import.meta.url).resolve('tsx/esm/api'))}).register();
  import(require('node:worker_threads').workerData);
`;

async function train(seed: number): Promise<{ first: number; last: number; slope: number }> {
  const worker = new Worker(LOAD_TYPESCRIPT, {
    eval: true,
    execArgv: ['--conditions=@motley/source'],
    workerData: new URL('fixtures/worker.ts', import.meta.url).href,
  });
  const exited = once(worker, 'exit');
  worker.postMessage(seed);
  const [result] = (await once(worker, 'message')) as [{ first: number; last: number; slope: number }];
  expect(await exited).toEqual([0]);
  return result;
}
