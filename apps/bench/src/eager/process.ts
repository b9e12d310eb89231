import { createRequire } from 'node:module';
import { register } from '@motley/tensorflow';
import { registerAddOn } from '../addon/register.ts';
import type { Reply, Request, Side } from './messages.ts';
import { operations } from './operations.ts';

/** A process that measures one side on its parent's requests; it ends with its parent. */
const side = process.argv[2] as Side;
const reply = (message: Reply): void => {
  process.send!(message);
};
const prepared = new Map<string, () => void>();

function runOf(name: string): () => void {
  let run = prepared.get(name);
  if (run === undefined) {
    const operation = operations.find((each) => each.name === name);
    if (operation === undefined) throw new Error(`no operation ${name}`);
    run = operation.prepare();
    prepared.set(name, run);
  }
  return run;
}

/** @returns total time of the iterations in milliseconds */
function measure({ operation, iterations }: Request): number {
  const run = runOf(operation);
  const start = performance.now();
  for (let i = 0; i < iterations; i++) run();
  return performance.now() - start;
}

const failed = (error: unknown): Reply => ({
  type: 'failed',
  message: error instanceof Error ? error.message : String(error),
});

process.on('disconnect', () => process.exit());
try {
  // All of tfjs, on both sides: it registers the gradients of the kernels.
  createRequire(import.meta.url)('@tensorflow/tfjs');
  const version = side === 'ours' ? (await register()).version : await registerAddOn();
  process.on('message', (request: Request) => {
    try {
      reply({ type: 'done', timeInMs: measure(request) });
    } catch (error) {
      reply(failed(error));
    }
  });
  reply({ type: 'ready', version });
} catch (error) {
  reply(failed(error));
}
