import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { Adam } from '../../optim/adam.ts';
import { RandomStream } from '../../random/random-stream.ts';
import { StepRandom } from '../../random/step-random.ts';
import { valueAndGradients } from '../../train/value-and-gradients.ts';
import { completeKernels } from '../complete-kernels.ts';
import { DenseVae } from './dense-vae.ts';

/**
 * `pnpm --filter @motley/core wasm-speed [ROUNDS]`: measures the training step of the dense VAE (784-512-256-20, batch
 * 128, Adam) on tfjs-backend-wasm, with and without Motley's kernels, in alternating processes.
 */
const STEPS = 20;
const BATCH_SIZE = 128;

interface Measured {
  readonly millisecondsPerStep: number[];
  readonly loss: number;
}

async function measure(isStock: boolean): Promise<Measured> {
  const folder = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
  setWasmPaths(`${folder}/`);
  // Node has no web workers, which the threaded module needs. Both run on one thread, with SIMD.
  setThreadsCount(1);
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  await tf.setBackend('wasm');
  if (!isStock) completeKernels();
  const random = RandomStream.fromSeed(1);
  const model = new DenseVae([784, 512, 256], 20, random);
  const parameters = model.namedParameters();
  const optimizer = new Adam(parameters);
  const images = random.uniform([BATCH_SIZE, 784]);
  const millisecondsPerStep: number[] = [];
  let loss = NaN;
  for (let step = 0; step < STEPS; step++) {
    const start = performance.now();
    const number = tf.scalar(step, 'int32');
    const noise = new StepRandom([1, 2], number);
    const { terms, gradients } = valueAndGradients(() => tf.tidy(() => model.terms(images, noise)), parameters);
    optimizer.step(gradients, 1e-3);
    loss = (await terms.loss.data())[0]!;
    tf.dispose([terms, gradients, number]);
    millisecondsPerStep.push(performance.now() - start);
  }
  return { millisecondsPerStep: millisecondsPerStep.slice(3), loss };
}

const [argument = '3'] = process.argv.slice(2);
if (argument === 'stock' || argument === 'motley') {
  console.log(JSON.stringify(await measure(argument === 'stock')));
} else {
  const times: Record<'stock' | 'motley', number[]> = { stock: [], motley: [] };
  for (let round = 0; round < Number(argument); round++) {
    for (const name of ['stock', 'motley'] as const) {
      const given = ['--conditions=@motley/source', '--import', 'tsx', import.meta.filename, name];
      const { status, stdout, stderr } = spawnSync(process.execPath, given, { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
      const { millisecondsPerStep, loss } = JSON.parse(stdout) as Measured;
      for (const time of millisecondsPerStep) times[name].push(time);
      console.error(
        `round ${round + 1}, ${name}: ${median(millisecondsPerStep).toFixed(1)} ms a step, loss ${loss.toFixed(4)}`,
      );
    }
  }
  const [stock, motley] = [median(times.stock), median(times.motley)];
  console.log(JSON.stringify({ stock, motley, ratio: stock / motley, rounds: Number(argument), stepsEach: STEPS - 3 }));
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
