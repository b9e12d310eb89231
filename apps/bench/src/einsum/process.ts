import { createInterface } from 'node:readline';
import { einsum } from '@motley/scratch-nn';
import type { Assignment, Reply, Request } from '../training/messages.ts';
import { operandsOf, products } from './products.ts';

/** A process that computes one of the network's einsums repeatedly, like numpy_einsum.py. */
const { step: name } = JSON.parse(process.argv.at(-1)!) as Assignment;
const reply = (message: Reply): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`);
};

const product = products.find((each) => each.name === name)!;
const operands = operandsOf(product);
const start = performance.now();
const { values } = einsum(product.expression, ...operands);
reply({ type: 'first', timeInMs: performance.now() - start });
let weighted = 0;
for (const [index, value] of values.entries()) weighted += Math.abs(value) * ((index % 7) + 1);
reply({
  type: 'ready',
  version: process.versions.node,
  losses: [Math.abs(values[0]!), Math.abs(values.at(-1)!), weighted],
});
for await (const line of createInterface({ input: process.stdin })) {
  const { steps } = JSON.parse(line) as Request;
  const from = performance.now();
  for (let done = 0; done < steps; done++) einsum(product.expression, ...operands);
  const timeInMs = performance.now() - from;
  reply({ type: 'timed', timeInMs, peakMemoryInBytes: process.resourceUsage().maxRSS * 1024 });
}
