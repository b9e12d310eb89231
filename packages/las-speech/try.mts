import { writeFile, mkdir } from 'node:fs/promises';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { config } from './src/config.ts';
import { openCorpus } from './src/synthesis/corpus.ts';
import { createModel } from './src/train.ts';
import { drawFigures } from './src/figures.ts';
import { transcribePart, transcribeParts } from './src/evaluate.ts';
import { attentionListener } from './src/attention-history.ts';
const [, , backend = 'native', count = '20', mode = 'fake'] = process.argv;
console.log(await chooseBackend(backend as never));
const settings = config.resolve({});
const corpus = openCorpus({ folder: '/tmp/figcorpus' });
const names = {
  seenVoices: 'seen voices',
  unseenVoices: 'unseen voices',
  unseenWords: 'unseen words',
  otherSynthesizer: 'other synthesizer',
  long: 'long',
} as const;
const sets = Object.entries(names)
  .map(
    ([k, set]) =>
      [k, { corpus: corpus.description, indices: corpus.indicesOf(set as never).subarray(0, Number(count)) }] as const,
  )
  .filter(([, p]) => p.indices.length > 0);
const tests = Object.fromEntries(sets);
console.log(sets.map(([n, p]) => `${n} ${p.indices.length}`).join());
const model = createModel(settings);
model.eval();
let seed = 1;
const rnd = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
const corrupt = (t: string, rate: number) =>
  Array.from(t)
    .map((c) => {
      const r = rnd();
      return r > rate
        ? c
        : r < rate / 3
          ? ''
          : r < rate / 1.5
            ? c + 'aeiou'[Math.floor(rnd() * 5)]
            : (({ e: 'i', t: 'd', i: 'e', d: 't', s: 'z', m: 'n', n: 'm' } as never)[c] ?? 'e');
    })
    .join('');
let transcribed;
let t = performance.now();
if (mode === 'fake')
  transcribed = Object.fromEntries(
    sets.map(([n, p], i) => [
      n,
      Array.from(p.indices, (j) => {
        const text = corpus.utterance(j).text;
        return { reference: text, hypothesis: corrupt(text, 0.01 + 0.02 * i + text.length / 3000) };
      }),
    ]),
  );
else {
  transcribed = await transcribeParts(model, settings, tests);
  console.log('sets', performance.now() - t);
  t = performance.now();
}
await mkdir('/tmp/figout', { recursive: true });
const records = Array.from({ length: 20 }, (_, i) => ({
  step: (i + 1) * 312,
  epoch: i + 1,
  split: 'validation' as const,
  timeInSeconds: i,
  metrics: { loss: 1 / (i + 1), characterErrorRate: 0.9 / (i + 1) },
}));
const folder = {
  writeFigureOfStep: async (name: string, f: { png: Uint8Array }, step: number) => {
    await mkdir(`/tmp/figout/figures/${name}`, { recursive: true });
    const p = `/tmp/figout/figures/${name}/step-${step}.png`;
    await writeFile(p, f.png);
    return p;
  },
};
const l = attentionListener(model, settings, tests.seenVoices!, folder as never);
for (const r of records.slice(0, 3)) {
  const s = performance.now();
  await l.onMetrics!(r);
  console.log('listener', performance.now() - s);
}
t = performance.now();
const figures = await drawFigures(model, settings, { tests } as never, {
  transcribed,
  runPath: '/tmp/figout',
  records,
  baselines: { centralSentence: { characterErrorRate: 0.74 } },
});
console.log('figures', performance.now() - t, Object.keys(figures), tf.memory().numTensors);
for (const [n, f] of Object.entries(figures)) await writeFile(`/tmp/figout/${n}.png`, f.png);
