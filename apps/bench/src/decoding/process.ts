import { createInterface } from 'node:readline';
import { register, compile } from '@motley/tensorflow';
import { beamSearch, causalMask, FRAME } from '@motley/transformer';
import * as tf from '@tensorflow/tfjs-core';
import type { Assignment, Reply, Request } from '../training/messages.ts';
import { batchSizeOf, DECODED_LENGTH, decodingSetting } from './setting.ts';

/** A process that decodes greedily, with or without a cache of keys and values, like torch_decoding.py. */
const { step: name, mode, threads, comparedSteps } = JSON.parse(process.argv.at(-1)!) as Assignment;
const reply = (message: Reply): void => {
  process.stdout.write(`${JSON.stringify(message)}\n`);
};

const { version } = await register({ intraOpThreads: threads });
const { model, source } = decodingSetting(batchSizeOf(name));

/** Never ends a sentence early. */
const NO_END = -1;

const search = compile(
  (sentences: tf.Tensor) => {
    const options = { beam: 1, maxLength: DECODED_LENGTH, lengthPenalty: 0, begin: FRAME.begin, end: NO_END };
    return tf.squeeze(beamSearch(model, sentences, options).symbols, [1]);
  },
  { engine: 'grappler' },
);

/** Greedy decoding that runs the decoder over the whole prefix again for each symbol. */
function withoutCache(sentences: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const memories = model.encode(sentences);
    const batchSize = sentences.shape[0];
    let said: tf.Tensor = tf.fill([batchSize, 1], FRAME.begin, 'int32');
    for (let length = 1; length <= DECODED_LENGTH; length++)
      said = tf.tidy(() => {
        const rows = model.decoder.forward(model.embedding.forward(said, {}), causalMask(length), memories, {});
        const last = tf.squeeze(tf.slice(rows, [0, length - 1, 0], [-1, 1, -1]), [1]); // [B, D]
        const next = tf.argMax(tf.matMul(last, model.embedding.tokens.weight, false, true), -1); // [B]
        return tf.concat([said, tf.cast(tf.expandDims(next, 1), 'int32')], 1);
      });
    return tf.slice(said, [0, 1], [-1, -1]);
  });
}

const decode = mode === 'compiled' ? search : withoutCache;

function run(count: number): void {
  for (let done = 0; done < count; done++) {
    const symbols = decode(source);
    symbols.dataSync();
    symbols.dispose();
  }
}

try {
  const start = performance.now();
  const symbols = decode(source);
  const losses = Array.from(symbols.dataSync().subarray(0, comparedSteps));
  reply({ type: 'first', timeInMs: performance.now() - start });
  reply({ type: 'ready', version, losses });
  for await (const line of createInterface({ input: process.stdin })) {
    const from = performance.now();
    run((JSON.parse(line) as Request).steps);
    const timeInMs = performance.now() - from;
    reply({ type: 'timed', timeInMs, peakMemoryInBytes: process.resourceUsage().maxRSS * 1024 });
  }
} catch (error) {
  reply({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
}
process.exit();
