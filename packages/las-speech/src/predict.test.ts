import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { compile } from '@motley/tensorflow';
import { nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Alphabet } from './alphabet.ts';
import { config, modelSchema } from './config.ts';
import { ListenAttendSpell } from './model.ts';
import { Recognizer, type RecognizerOptions } from './predict.ts';

const { describeNative } = await nativeGate(() => chooseBackend('tensorflow'));
const RATE = 16_000;
const alphabet = Alphabet.of('english');
const settings = config.resolve();

/** A small network with random weights. It babbles, but always the same. */
function recognizer(compiler?: RecognizerOptions['compile']) {
  const sizes = { listenerUnits: 6, spellerUnits: 8, embeddingSize: 8, attentionSize: 8, locationFilters: 2 };
  const model = new ListenAttendSpell(
    modelSchema.parse({ ...sizes, features: 80, alphabetSize: alphabet.size }),
    RandomStream.fromSeed(5),
  ).eval();
  for (const variable of model.namedParameters().values())
    tf.tidy(() => {
      variable.assign(tf.mul(variable, 3));
    });
  const { features, decoding } = settings;
  return new Recognizer(model, {
    alphabet,
    features,
    decoding: { ...decoding, beam: 2, symbolsPerStep: 0.4 },
    compile: compiler,
  });
}

/** Bursts of noise of some length with pauses between. */
function speech(seconds: readonly number[], seed: number, pause = 0.8): Float32Array {
  const noise = RandomStream.fromSeed(seed).normalValues(Math.round(40 * RATE), 0, 0.1);
  const parts = seconds.flatMap((length) => [
    noise.subarray(0, Math.round(length * RATE)),
    new Float32Array(Math.round(pause * RATE)),
  ]);
  const samples = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const part of parts) {
    samples.set(part, place);
    place += part.length;
  }
  return samples;
}

beforeAll(async () => {
  await chooseBackend('auto');
});

describe('a recognizer', () => {
  it('hears the pieces of a long sound one by one, and several sounds as each alone', async () => {
    const heard = recognizer();
    const sounds = [speech([0.6, 0.9], 1), speech([0.5], 2), speech([0.6], 1)];
    const before = tf.memory().numTensors;
    const together = await heard.transcribeAll(sounds);
    expect(tf.memory().numTensors).toBe(before);
    for (const [index, sound] of sounds.entries()) {
      const alone = await heard.transcribe(sound);
      expect(alone.text).toBe(together[index]!.text);
      expect(alone.score).toBeCloseTo(together[index]!.score, 3);
    }
    expect(together[0]!.text.length).toBeGreaterThan(together[2]!.text.length);
    expect(together[0]!.text.startsWith(together[2]!.text)).toBe(true);
    for (const { confidence } of together) expect(confidence).toBeGreaterThan(0);
    expect(together.map(({ seconds }) => seconds)).toEqual(sounds.map(({ length }) => length / RATE));
  });

  it('hears nothing in silence, and refuses samples that are no numbers', async () => {
    const heard = recognizer();
    for (const samples of [new Float32Array(RATE), new Float32Array(0), new Float32Array(10).fill(0.5)])
      expect(await heard.transcribe(samples)).toMatchObject({ text: '', confidence: 1, isComplete: true });
    const broken = speech([1], 1);
    broken[800] = NaN;
    await expect(heard.transcribe(broken, 'a.wav')).rejects.toThrow(
      'a.wav: expected finite samples, found NaN at 0.050 s',
    );
  });

  it('says where it looked', async () => {
    const { text, weights, steps, frames } = await recognizer().align(speech([0.6], 1, 0));
    expect(steps).toBe(Math.ceil(frames.count / 4));
    const rows = weights.length / steps;
    expect([text.length, text.length + 1]).toContain(rows);
    for (let row = 0; row < rows; row++)
      expect(weights.subarray(row * steps, (row + 1) * steps).reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 4);
  });

  it('streams the words of the whole', async () => {
    const heard = recognizer();
    const samples = speech([0.8], 1);
    const chunks = async function* () {
      for (let first = 0; first < samples.length; first += 4000)
        yield await Promise.resolve(samples.subarray(first, first + 4000));
    };
    let text = '';
    for await (const word of heard.stream(chunks())) text += word;
    expect(text.split(' ').length).toBeGreaterThan(0);
  });
});

describeNative('a recognizer, compiled', () => {
  it('hears the same', async () => {
    await chooseBackend('tensorflow');
    const sounds = [speech([0.6, 0.9], 1), speech([0.5], 2)];
    const expected = await recognizer().transcribeAll(sounds);
    const compiled = recognizer((step) => compile(step, { engine: 'grappler' }));
    const found = await compiled.transcribeAll(sounds);
    expect(found.map(({ text }) => text)).toEqual(expected.map(({ text }) => text));
    compiled.dispose();
  });
});
