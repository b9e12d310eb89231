import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { register } from './register.ts';
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

const hasTaskList = existsSync('/proc/self/task');

describeNative('a removed backend', () => {
  const fixture = fileURLToPath(new URL('fixtures/register-again.ts', import.meta.url));

  it.skipIf(!hasTaskList)('leaves no thread behind (needs /proc)', { timeout: 120_000 }, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...process.execArgv, fixture, '10'], {
      encoding: 'utf8',
    });
    expect([status, stderr.includes('already registered')]).toEqual([0, false]);
    const counts = JSON.parse(stdout) as number[];
    expect(counts).toHaveLength(10);
    expect(counts.every((count) => count <= counts[0]!)).toBe(true);
  });

  it.skipIf(!hasTaskList)('leaves no thread of a worker behind (needs /proc)', { timeout: 120_000 }, async () => {
    const counts: number[] = [];
    for (let cycle = 0; cycle < 10; cycle++) {
      const worker = startWorker('fixtures/register-again.ts', ['1']);
      expect(await once(worker, 'exit')).toEqual([0]);
      counts.push(readdirSync('/proc/self/task').length);
    }
    // The first one starts the threads that all share.
    expect(counts.every((count) => count <= counts[0]!)).toBe(true);
  });

  it('says that it is removed where something still runs operations on it', { timeout: 60_000 }, async () => {
    const { backend } = await register();
    tf.removeBackend('tensorflow');
    expect(() => backend.runtime.executor.run('NoOp', [], [], 0)).toThrow(
      'NoOp: expected an open TensorFlow, but its backend was removed',
    );
    await register();
    expect(tf.add(1, 2).dataSync()).toEqual(Float32Array.of(3));
  });
});

// On Node 20, `--import tsx` does not reach worker threads.
const LOAD_TYPESCRIPT = `
  require(${JSON.stringify(createRequire(import.meta.url).resolve('tsx/esm/api'))}).register();
  import(require('node:worker_threads').workerData);
`;

function startWorker(file: string, argv: string[] = []): Worker {
  return new Worker(LOAD_TYPESCRIPT, {
    eval: true,
    argv,
    execArgv: ['--conditions=@motley/source'],
    workerData: new URL(file, import.meta.url).href,
  });
}

async function train(seed: number): Promise<{ first: number; last: number; slope: number }> {
  const worker = startWorker('fixtures/worker.ts');
  const exited = once(worker, 'exit');
  worker.postMessage(seed);
  const [result] = (await once(worker, 'message')) as [{ first: number; last: number; slope: number }];
  expect(await exited).toEqual([0]);
  return result;
}
