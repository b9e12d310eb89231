import { writeFile, mkdir } from 'node:fs/promises';
import { attentionOverTime, learningCurve } from '@motley/run/node';
import { openCorpus } from './src/synthesis/corpus.ts';
import { openPart } from './src/utterances.ts';
import { rowLabels, soundOf } from './src/attended.ts';
import { confusionsFigure, errorByLengthFigure, errorByNoiseFigure, errorRatesFigure } from './src/error-figures.ts';
const corpus = openCorpus({ folder: '/tmp/figcorpus' });
const names = {
  seenVoices: 'seen voices',
  unseenVoices: 'unseen voices',
  unseenWords: 'unseen words',
  long: 'long',
} as const;
const sets = Object.entries(names).map(
  ([k, set]) => [k, { corpus: corpus.description, indices: corpus.indicesOf(set as never).subarray(0, 150) }] as const,
);
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
const transcribed = Object.fromEntries(
  sets.map(([n, p], i) => [
    n,
    Array.from(p.indices, (j) => {
      const text = corpus.utterance(j).text;
      return { reference: text, hypothesis: corrupt(text, 0.01 + 0.02 * i + text.length / 3000) };
    }),
  ]),
);
await mkdir('/tmp/figout', { recursive: true });
const out = async (n: string, f: { png: Uint8Array }) => {
  await writeFile(`/tmp/figout/${n}.png`, f.png);
  console.log(n);
};
const features = { kind: 'log-mel', bands: 80, coefficients: 15, deltas: false, windowInMs: 25, hopInMs: 10 } as const;
const diag = (L: number, U: number, sharp: number) =>
  Float32Array.from({ length: L * U }, (_, i) => {
    const r = Math.floor(i / U),
      c = i % U;
    return Math.exp(-(((c / U - (r + 0.5) / L) * sharp) ** 2));
  }).map((v, i, a) => v / a.subarray(Math.floor(i / U) * U, Math.floor(i / U + 1) * U).reduce((x, y) => x + y, 0));
let at = 1;
for (const [name, part] of [sets[0]!, sets[3]!]) {
  const u = openPart(part, features);
  const text = u.text(0);
  const sound = await soundOf(u, 0, features);
  u.close();
  const U = Math.ceil(sound.shape[0] / 4);
  const symbols = rowLabels(text);
  const words = `said: ${text}`.match(/.{1,84}(\s|$)/g)!;
  await out(
    `attention-${at++}`,
    await attentionOverTime({
      title: `Attention to an utterance of the set “${name}”`,
      subtitle: [...words, ...words, 'speaker: espeak-ng en-gb'].join('\n'),
      maps: [{ weights: diag(symbols.length, U, 40) }],
      symbols,
      symbolName: 'letter heard',
      stepInSeconds: 0.04,
      sound,
    }),
  );
  if (at === 2) {
    const maps = [1, 2, 3, 5, 10, 20].map((e) => ({ name: `epoch ${e}`, weights: diag(symbols.length, U, e * 3) }));
    await out(
      'attention-over-training',
      await attentionOverTime({
        title: 'Attention over the training',
        subtitle: 'an utterance of the validation set, its transcript told',
        maps,
        symbols,
        symbolName: 'letter',
        stepInSeconds: 0.04,
      }),
    );
    await out(
      'step',
      await attentionOverTime({
        title: 'Attention after step 312',
        subtitle: 'an utterance of the validation set, its transcript told',
        maps: [maps[2]!].map(({ weights }) => ({ weights })),
        symbols,
        symbolName: 'letter',
        stepInSeconds: 0.04,
      }),
    );
  }
}
await out(
  'error-rates',
  errorRatesFigure(transcribed, { centralSentence: Object.fromEntries(sets.map(([n]) => [n, 0.74])) }),
);
await out('error-by-length', errorByLengthFigure(transcribed));
await out('confusions', confusionsFigure(Object.values(transcribed).flat()));
const clean = transcribed.seenVoices!.slice(0, 100);
await out(
  'error-by-noise',
  errorByNoiseFigure(
    clean,
    ['white noise', 'pink noise'].flatMap((kind, k) =>
      [30, 20, 10, 5, 0].map((snrInDb) => ({
        kind,
        snrInDb,
        transcriptions: clean.map(({ reference }) => ({
          reference,
          hypothesis: corrupt(reference, 0.02 + (k + 1) * 0.2 * (1 - snrInDb / 30) ** 2),
        })),
      })),
    ),
  ),
);
const records = Array.from({ length: 20 }, (_, i) => ({
  step: (i + 1) * 312,
  epoch: i + 1,
  split: 'validation' as const,
  timeInSeconds: i,
  metrics: { loss: 1 / (i + 1), characterErrorRate: 0.9 / (i + 1) },
}));
await out(
  'character-error-rate',
  learningCurve(records, {
    title: 'Character error rate of greedy decoding',
    metric: 'characterErrorRate',
    yName: 'character error rate',
  }),
);
