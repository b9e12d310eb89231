import '@tensorflow/tfjs-backend-cpu';
import { workerBatches } from '../worker-batches.ts';

/** A program that takes one batch and leaves the rest, without disposing of the workers: it has to end by itself. */
const source = await workerBatches<'index', unknown>(
  { module: new URL('./factories.ts', import.meta.url), factory: 'noisy', options: { count: 1000 } },
  { workers: 2 },
);
for await (const { index } of source.batches(0)) {
  console.log(`got ${index.size}`);
  break;
}
