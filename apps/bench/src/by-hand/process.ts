import { createInterface } from 'node:readline';
import { crossEntropy } from '@motley/char-rnn/by-hand';
import type { Assignment, Reply, Request } from '../training/messages.ts';
import { CLIP, SEQUENCE_LENGTH, settingOf } from './setting.ts';

/** A process that trains char-rnn's network by hand, like numpy_char_rnn.py. */
const { step: name, comparedSteps, learningRate } = JSON.parse(process.argv.at(-1)!) as Assignment;
const reply = (message: Reply): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`);
};

const { network, text } = await settingOf(name);
let place = 0;

/** @returns the loss in nats per symbol */
function step(): number {
  if (place + SEQUENCE_LENGTH + 1 > text.length) {
    place = 0;
    network.resetState();
  }
  const inputs = text.subarray(place, place + SEQUENCE_LENGTH);
  const logits = network.forward(inputs);
  const loss = crossEntropy(network.memory.valuesOf(logits), text.subarray(place + 1, place + SEQUENCE_LENGTH + 1));
  network.backward(inputs, logits);
  network.update(learningRate, null, CLIP);
  network.carryState(SEQUENCE_LENGTH);
  place += SEQUENCE_LENGTH;
  return loss;
}

const start = performance.now();
const losses = [step()];
reply({ type: 'first', timeInMs: performance.now() - start });
while (losses.length < comparedSteps) losses.push(step());
reply({ type: 'ready', version: process.versions.node, losses });
for await (const line of createInterface({ input: process.stdin })) {
  const { steps } = JSON.parse(line) as Request;
  const from = performance.now();
  for (let done = 0; done < steps; done++) step();
  const timeInMs = performance.now() - from;
  reply({ type: 'timed', timeInMs, peakMemoryInBytes: process.resourceUsage().maxRSS * 1024 });
}
