import { createInterface } from 'node:readline';
import { RandomStream } from '@motley/core';
import { drawShape } from '@motley/core/generators';
import type { Assignment, Reply, Request } from '../training/messages.ts';

/** One process that draws pictures of shapes by core's generator; a step is a picture. */
const { comparedSteps } = JSON.parse(process.argv.at(-1)!) as Assignment;
const reply = (message: Reply): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`);
};

const random = RandomStream.fromSeed(1);
let next = 0;
const draw = (): Uint8Array => drawShape(random.fork(next++)).image;

/** Mean and standard deviation over all pixels and channels, from 0 to 255. */
function meanAndDeviation(pictures: readonly Uint8Array[]): [mean: number, deviation: number] {
  let [count, sum, squares] = [0, 0, 0];
  for (const picture of pictures) {
    count += picture.length;
    for (const value of picture) {
      sum += value;
      squares += value * value;
    }
  }
  const mean = sum / count;
  return [mean, Math.sqrt(squares / count - mean * mean)];
}

function timed(count: number): number {
  const start = performance.now();
  for (let done = 0; done < count; done++) draw();
  return performance.now() - start;
}

reply({ type: 'first', timeInMs: timed(1) });
const losses = meanAndDeviation(Array.from({ length: comparedSteps }, draw));
reply({ type: 'ready', version: process.versions.node, losses });
for await (const line of createInterface({ input: process.stdin })) {
  const timeInMs = timed((JSON.parse(line) as Request).steps);
  reply({ type: 'timed', timeInMs, peakMemoryInBytes: process.resourceUsage().maxRSS * 1024 });
}
