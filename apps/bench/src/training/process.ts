import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { compile, register, TRACE_MEASURE, type Engine } from '@motley/tensorflow';
import type * as tf from '@tensorflow/tfjs-core';
import { ADD_ON_NAME } from '../addon/location.ts';
import { registerAddOn } from '../addon/register.ts';
import { COMPILED_NAME } from './contenders.ts';
import type { Assignment, Reply, Request } from './messages.ts';
import type { Batch } from './step.ts';
import { findStep } from './steps/index.ts';
import { createTrainer, type Trainer } from './trainer.ts';

/** A process that runs one step on Motley or on tfjs-node's add-on. Its argument is the assignment, its input the requests. */
const assignment = JSON.parse(process.argv.at(-1)!) as Assignment;
const reply = (message: Reply): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`);
};

interface Contender {
  /** @returns the loss, which the caller disposes of */
  readonly run: (batch: Batch) => tf.Tensor;
  readonly engine: () => Engine | undefined;
  readonly batches: readonly Batch[];
}

function createContender({ mode, precision }: Assignment, { train, batches }: Trainer): Contender {
  if (mode !== COMPILED_NAME) return { run: train, engine: () => undefined, batches };
  const compiled = compile(train, { precision });
  return { run: compiled, engine: () => compiled.engine, batches };
}

function runSteps({ run, batches }: Contender, count: number): number {
  const start = performance.now();
  for (let done = 1; done <= count; done++) {
    const loss = run(batches[next++ % batches.length]!);
    // A step is done when its loss can be read.
    if (done === count) loss.dataSync();
    loss.dispose();
  }
  return performance.now() - start;
}

let next = 0;
try {
  // The kernels' gradients come with the whole of tfjs.
  createRequire(import.meta.url)('@tensorflow/tfjs');
  const version =
    assignment.mode === ADD_ON_NAME
      ? await registerAddOn()
      : (await register({ intraOpThreads: assignment.threads })).version;
  const { hasDropout = false, ...step } = findStep(assignment.step);
  const trainer = createTrainer(step);
  if (hasDropout) trainer.model.eval();
  let contender = createContender(assignment, trainer);
  const losses: number[] = [];
  for (; next < assignment.comparedSteps; next++) {
    const start = performance.now();
    const loss = contender.run(contender.batches[next % contender.batches.length]!);
    losses.push(loss.dataSync()[0]!);
    loss.dispose();
    if (next === 0) {
      const timeInMs = performance.now() - start;
      const [trace] = performance.getEntriesByName(TRACE_MEASURE);
      reply({ type: 'first', timeInMs, ...(trace !== undefined && { traceTimeInMs: trace.duration }) });
    }
  }
  if (hasDropout) {
    trainer.model.train();
    contender = createContender(assignment, trainer);
    runSteps(contender, 1);
  }
  const engine = contender.engine();
  reply({ type: 'ready', version, losses, ...(engine !== undefined && { engine }) });
  for await (const line of createInterface({ input: process.stdin })) {
    const timeInMs = runSteps(contender, (JSON.parse(line) as Request).steps);
    reply({ type: 'timed', timeInMs, peakMemoryInBytes: process.resourceUsage().maxRSS * 1024 });
  }
} catch (error) {
  reply({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
}
process.exit();
