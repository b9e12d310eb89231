import { defineDemo, heatMap, sound, streamedText } from '@motley/core/demo';
import { Alphabet } from './alphabet.ts';
import type { LasSpeechConfig } from './config.ts';
import { restoreModel } from './create-model.ts';
import type { ListenAttendSpell } from './model.ts';
import { Recognizer } from './predict.ts';
import { SAMPLE_RATE_IN_HZ } from './sample-rate.ts';

/** A page runs the search uncompiled, so it keeps fewer hypotheses. */
const BEAM = 2;
const MAX_SECONDS = 20;
const SECONDS_OF_ALIGNMENT = 6;

interface Loaded {
  readonly model: ListenAttendSpell;
  readonly recognizer: Recognizer;
  readonly alphabet: Alphabet;
}

/** Say something, read it, and see where the speller looked for each letter. */
export default defineDemo({
  title: 'Say something',
  description:
    'The listener hears the sound, the speller writes letter by letter and attends to the part that it needs. It learned synthesized voices: speak clearly, a sentence of up to six seconds.',
  isStarted: true,
  inputs: {
    speech: sound({ sampleRate: SAMPLE_RATE_IN_HZ, maxSeconds: MAX_SECONDS, label: 'Speech' }),
  },
  outputs: {
    text: streamedText({ label: 'Heard' }),
    spectrogram: heatMap({ rows: 'band', columns: 'frame', label: 'Spectrogram' }),
    attention: heatMap({ rows: 'letter', columns: 'step of the listener', label: 'Attention' }),
  },
  load: ({ weights, config }): Loaded => {
    const settings = config as LasSpeechConfig;
    const { data, features, decoding } = settings;
    const alphabet = Alphabet.of(data.language);
    const model = restoreModel(settings, weights);
    const search = { ...decoding, beam: Math.min(BEAM, decoding.beam), languageModel: null, languageWeight: 0 };
    return { model, alphabet, recognizer: new Recognizer(model, { alphabet, features, decoding: search }) };
  },
  run: async ({ model, recognizer }, { speech }, { signal, emit }) => {
    let text = '';
    for await (const words of recognizer.stream(chunksOf(speech))) {
      text += words;
      await emit({ text });
      if (signal.aborted) return {};
    }
    if (model.speller === undefined) return { text };
    const {
      text: spelled,
      frames,
      weights,
      steps,
    } = await recognizer.align(speech.subarray(0, SECONDS_OF_ALIGNMENT * SAMPLE_RATE_IN_HZ));
    const height = weights.length / steps;
    return {
      text,
      spectrogram: {
        values: bandsFromHigh(frames.values, frames.count, frames.width),
        height: frames.width,
        width: frames.count,
      },
      attention: {
        values: weights,
        height,
        width: steps,
        rows: Array.from({ length: height }, (_, row) => spelled[row] ?? 'end'),
      },
    };
  },
  dispose: ({ model, recognizer }) => {
    recognizer.dispose();
    model.dispose();
  },
});

/** A sound as it would arrive from a microphone, second by second. */
async function* chunksOf(samples: Float32Array): AsyncGenerator<Float32Array> {
  for (let first = 0; first < samples.length; first += SAMPLE_RATE_IN_HZ) {
    await Promise.resolve();
    yield samples.subarray(first, first + SAMPLE_RATE_IN_HZ);
  }
}

/** Features [T, F] as a picture [F, T], the highest band on top. */
function bandsFromHigh(values: ArrayLike<number>, count: number, width: number): Float32Array {
  const picture = new Float32Array(values.length);
  for (let frame = 0; frame < count; frame++)
    for (let band = 0; band < width; band++)
      picture[(width - 1 - band) * count + frame] = values[frame * width + band]!;
  return picture;
}
