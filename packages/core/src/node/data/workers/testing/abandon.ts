import '@tensorflow/tfjs-backend-cpu';
import { workerBatches } from '../worker-batches.ts';

/** Takes one batch and leaves the rest, without disposing of the workers. The process must still end by itself. */
const source = await workerBatches<'index', unknown>(
  { module: new URL('./factories.ts', import.meta.url), factory: 'noisy', options: { count: 1000 } },
  { workers: 2 },
);
for await (const { index } of source.batches(0)) {
  console.log(`got ${index.size}`);
  break;
}
