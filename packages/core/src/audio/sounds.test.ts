import { RandomNumbers, largest } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { Dataset } from '../data/dataset.ts';
import { RandomStream } from '../random/random-stream.ts';
import { addEcho, convolve } from './echo.ts';
import { RealFft } from './fft.ts';
import { activeSpeechPower, changeGain, powerOf } from './levels.ts';
import { addNoise, babble, coloredNoise, hum } from './noise.ts';
import {
  composeSounds,
  randomEcho,
  randomGain,
  randomNoise,
  randomSpeed,
  sometimes,
  type SoundAugmentation,
} from './random-sounds.ts';
import { absorptionOf, randomRoom, type Room, roomResponse, rt60Of } from './room.ts';
import { reference, signal, speech } from './testing.ts';

const RATE = 16_000;
const sound = speech(24_000);
const seeded = (seed: number) => RandomNumbers.fromSeed(seed);
const inDb = (ratio: number) => 10 * Math.log10(ratio);
const less = (a: Float32Array, b: Float32Array) => a.map((value, index) => value - b[index]!);

/** Power in [low, high) Hz, as a share of that of noise of the same length. */
function bandPower(samples: Float32Array, low: number, high: number): number {
  const fft = new RealFft(samples.length);
  fft.forward(samples);
  let sum = 0;
  for (let bin = 1; bin < fft.bins; bin++) {
    const hz = (bin * RATE) / fft.length;
    if (hz >= low && hz < high) sum += fft.spectrum[2 * bin]! ** 2 + fft.spectrum[2 * bin + 1]! ** 2;
  }
  return sum;
}

describe('levels', () => {
  it('measure active speech as P.56, between pauses, loud and soft', () => {
    expect(activeSpeechPower(sound, RATE) / reference.activePower).toBeCloseTo(1, 5);
    expect(inDb(activeSpeechPower(sound, RATE) / powerOf(sound))).toBeGreaterThan(0.5);
  });

  it('hardly change where silence is added, and are the mean square of steady sound', () => {
    const steady = signal(16_000);
    const within = new Float32Array(64_000);
    within.set(steady, 16_000);
    expect(inDb(activeSpeechPower(within, RATE) / powerOf(steady))).toBeGreaterThan(-1.3);
    expect(inDb(activeSpeechPower(steady, RATE) / powerOf(steady))).toBeLessThan(0.2);
    expect(activeSpeechPower(new Float32Array(100), RATE)).toBe(0);
  });

  it('change by decibels', () => {
    expect(inDb(powerOf(changeGain(sound, -7)) / powerOf(sound))).toBeCloseTo(-7, 5);
    expect(() => changeGain(sound, NaN)).toThrow('changeGain: expected a finite gain in dB, got NaN');
  });
});

describe('addNoise', () => {
  it.each([-5, 0, 12.5, 40])('has exactly the ratio asked for: %d dB', (snrInDb) => {
    const noise = coloredNoise('white', sound.length, RATE, seeded(1));
    const ofWhole = less(addNoise(sound, RATE, noise, snrInDb, { level: 'whole' }), sound);
    expect(inDb(powerOf(sound) / powerOf(ofWhole))).toBeCloseTo(snrInDb, 4);
    const ofActive = less(addNoise(sound, RATE, noise, snrInDb), sound);
    expect(inDb(activeSpeechPower(sound, RATE) / powerOf(ofActive))).toBeCloseTo(snrInDb, 4);
  });

  it('repeats a short noise from its start on, and cuts a long one', () => {
    const steady = new Float32Array(7).fill(0.5);
    const noise = Float32Array.of(1, 2, 3);
    const added = less(addNoise(steady, RATE, noise, 0, { level: 'whole', start: 1 }), steady);
    const factor = added[2]!;
    expect([...added].map((value) => Math.round(value / factor))).toEqual([2, 3, 1, 2, 3, 1, 2]);
    const long = Float32Array.from({ length: 100 }, (_, index) => index);
    const cut = less(addNoise(steady, RATE, long, 0, { level: 'whole', start: 50 }), steady);
    expect(cut[6]! / cut[0]!).toBeCloseTo(56 / 50, 4);
  });

  it('refuses silence and numbers that do not fit', () => {
    const silence = new Float32Array(100);
    const noise = Float32Array.of(1, -1);
    expect(() => addNoise(silence, RATE, noise, 10)).toThrow(
      'addNoise: expected a sound that can be heard, got silence',
    );
    expect(() => addNoise(sound, RATE, silence, 10)).toThrow('addNoise: expected noise that can be heard, got silence');
    expect(() => addNoise(sound, RATE, noise, Infinity)).toThrow(
      'addNoise: expected a finite ratio in dB, got Infinity',
    );
    expect(() => addNoise(sound, RATE, noise, 1, { start: 2 })).toThrow(
      'addNoise: expected a start from 0 to 1, got 2',
    );
    expect(() => addNoise(sound, RATE, Float32Array.of(NaN), 1)).toThrow(
      'addNoise: expected finite samples, got NaN as number 0',
    );
  });
});

describe('noise', () => {
  it.each([
    ['white', 3.01],
    ['pink', 0],
    ['brown', -3.01],
  ] as const)('%s changes by %d dB from octave to octave', (color, slope) => {
    const noise = coloredNoise(color, 2 ** 16, RATE, seeded(3));
    expect(powerOf(noise)).toBeCloseTo(1, 4);
    const octaves = [100, 200, 400, 800, 1600, 3200].map((low) => inDb(bandPower(noise, low, 2 * low)));
    for (let index = 1; index < octaves.length; index++)
      expect(Math.abs(octaves[index]! - octaves[index - 1]! - slope)).toBeLessThan(0.7);
  });

  it('has a normal distribution', () => {
    for (const color of ['white', 'pink'] as const) {
      const noise = coloredNoise(color, 2 ** 16, RATE, seeded(4));
      const fourth = noise.reduce((sum, value) => sum + value ** 4, 0) / noise.length;
      expect(Math.abs(fourth - 3)).toBeLessThan(0.2);
    }
  });

  it.each([1, 2, 63, 1000])('has any length: %d', (length) => {
    for (const color of ['white', 'pink', 'brown'] as const) {
      const noise = coloredNoise(color, length, RATE, seeded(5));
      expect(noise.length).toBe(length);
      expect(powerOf(noise)).toBeCloseTo(1, 4);
    }
    expect(() => coloredNoise('pink', 0, RATE, seeded(5))).toThrow(
      'coloredNoise: expected a length of at least 1 sample, got 0',
    );
  });

  it('hum lies at the multiples of the mains', () => {
    const noise = hum(RATE * 4, RATE, seeded(6), { mainsInHz: 60 });
    const all = bandPower(noise, 0, RATE / 2);
    let near = 0;
    for (let harmonic = 1; harmonic <= 12; harmonic++) near += bandPower(noise, harmonic * 60 - 2, harmonic * 60 + 2);
    expect(near / all).toBeGreaterThan(0.95);
    expect(bandPower(noise, 58, 62) / all).toBeGreaterThan(0.3);
    expect(() => hum(10, 1000, seeded(6))).toThrow(
      'hum: expected mains and multiples below 500 Hz, half of the sample rate, got 12 of 50 Hz',
    );
  });

  it('babble has the same share of each voice', () => {
    const tone = (hz: number, amplitude: number) =>
      Float32Array.from({ length: 8000 }, (_, index) => amplitude * Math.sin((2 * Math.PI * hz * index) / RATE));
    const voices = [tone(500, 0.01), tone(1500, 1), tone(3000, 0.2)];
    const noise = babble(voices, 16_000, seeded(7));
    expect(powerOf(noise)).toBeCloseTo(1, 4);
    const powers = [500, 1500, 3000].map((hz) => bandPower(noise, hz - 100, hz + 100));
    for (const power of powers) expect(Math.abs(inDb(power / powers[0]!))).toBeLessThan(0.3);
    expect(() => babble([], 10, seeded(7))).toThrow('babble: expected voices, got none');
    expect(() => babble([new Float32Array(9)], 10, seeded(7))).toThrow(
      'babble: expected voices that can be heard, got silence',
    );
  });
});

describe('convolve', () => {
  it.each([
    [1, 1],
    [10, 3],
    [3, 10],
    [9000, 700],
    [5000, 4097],
  ])('is the sum of products: %d samples, a kernel of %d', (length, kernelLength) => {
    const [samples, kernel] = [seeded(1).normalValues(length), seeded(2).normalValues(kernelLength)];
    const found = convolve(samples, kernel);
    expect(found.length).toBe(length + kernelLength - 1);
    for (let index = 0; index < found.length; index += 1 + (index % 7)) {
      let expected = 0;
      for (let tap = Math.max(0, index - length + 1); tap < kernelLength && tap <= index; tap++)
        expected += kernel[tap]! * samples[index - tap]!;
      expect(Math.abs(found[index]! - expected)).toBeLessThan(1e-4);
    }
  });
});

describe('roomResponse', () => {
  it('has the spectrum of the image sources', () => {
    const { room, frequencies, values } = reference.room;
    const response = roomResponse(room, RATE, seeded(1), { diffuseFromInS: 10 });
    for (const [index, [real, imaginary]] of values.entries()) {
      let [foundReal, foundImaginary] = [0, 0];
      for (const [time, value] of response.entries()) {
        const angle = (2 * Math.PI * frequencies[index]! * time) / RATE;
        foundReal += value * Math.cos(angle);
        foundImaginary -= value * Math.sin(angle);
      }
      expect(Math.hypot(foundReal - real, foundImaginary - imaginary)).toBeLessThan(0.01);
    }
  });

  it.each([
    [0.2, [6, 4, 3]],
    [0.4, [6, 4, 3]],
    [0.8, [3, 3, 2.4]],
    [1.5, [10, 8, 4]],
  ] as const)('decays as asked, and as rooms with images alone do: %d s', (rt60InS, sizeInM) => {
    const [length, width] = sizeInM;
    const room: Room = {
      sizeInM,
      sourceInM: [1, 1, 1.5],
      microphoneInM: [length - 1, width - 0.7, 1.2],
      rt60InS,
    };
    const times = [1, 2, 3].map((seed) => measuredRt60(roomResponse(room, RATE, seeded(seed))));
    for (const time of times) expect(Math.abs(time / rt60InS - 1)).toBeLessThan(0.1);
    if (rt60InS < 0.5) {
      const images = roomResponse(room, RATE, seeded(1), { diffuseFromInS: 10 });
      expect(Math.abs(inDb(powerOf(images) / powerOf(roomResponse(room, RATE, seeded(1)))))).toBeLessThan(1.5);
    }
  });

  /** Time to decay by 60 dB, from the decay between -5 and -25 dB of the energy to come (Schroeder, 1965). */
  function measuredRt60(response: Float32Array): number {
    const energy = new Float64Array(response.length + 1);
    for (let index = response.length - 1; index >= 0; index--)
      energy[index] = energy[index + 1]! + response[index]! ** 2;
    const when = (decibels: number) => energy.findIndex((value) => inDb(value / energy[0]!) < decibels);
    return (3 * (when(-25) - when(-5))) / RATE;
  }

  it('begins with the direct sound, alone where walls swallow nearly all', () => {
    const room: Room = { sizeInM: [9, 9, 9], sourceInM: [4, 4, 4], microphoneInM: [5, 5, 5], rt60InS: 0.02 };
    const response = roomResponse(room, RATE, seeded(1));
    expect(response.length).toBe(320);
    expect(response[0]).toBeCloseTo(1, 4);
    expect(powerOf(response.subarray(1)) * 319).toBeLessThan(1e-3);
  });

  it('relates absorption and RT60 as Eyring', () => {
    expect(absorptionOf([6, 4, 3], 0.4)).toBeCloseTo(1 - Math.exp((-0.1611 * 72) / (108 * 0.4)), 3);
    expect(rt60Of([6, 4, 3], absorptionOf([6, 4, 3], 0.7))).toBeCloseTo(0.7, 10);
  });

  it('refuses rooms that cannot be', () => {
    const room: Room = { sizeInM: [5, 4, 3], sourceInM: [1, 1, 1], microphoneInM: [2, 2, 2], rt60InS: 0.3 };
    const respond = (changes: Partial<Room>) => () => roomResponse({ ...room, ...changes }, RATE, seeded(1));
    expect(respond({ sizeInM: [0, 4, 3] })).toThrow('roomResponse: expected a room of 0.1 to 1000 m, got 0 × 4 × 3 m');
    expect(respond({ microphoneInM: [2, 5, 2] })).toThrow(
      'roomResponse: expected places inside the room of 5 × 4 × 3 m, got 2, 5, 2',
    );
    expect(respond({ microphoneInM: [1, 1, 1] })).toThrow('at least 0.01 m apart, got one place');
    expect(respond({ rt60InS: 0 })).toThrow('roomResponse: expected an RT60 above 0 and up to 10 s, got 0 s');
    expect(() => roomResponse({ ...room, rt60InS: 5 }, RATE, seeded(1), { diffuseFromInS: 5 })).toThrow(
      'roomResponse: expected at most 10000000 echoes before the diffuse part, got 3',
    );
    expect(() => randomRoom(seeded(1), { distanceInM: [50, 60] })).toThrow(
      'randomRoom: expected a room with space for a distance of 50 to 60 m, got ',
    );
  });

  it('draws rooms within their ranges', () => {
    for (let seed = 0; seed < 200; seed++) {
      const { sizeInM, sourceInM, microphoneInM, rt60InS } = randomRoom(seeded(seed));
      expect(sizeInM[0] >= 3 && sizeInM[0] < 10 && sizeInM[2] >= 2.4 && sizeInM[2] < 4).toBe(true);
      expect(rt60InS >= 0.1 && rt60InS < 0.6).toBe(true);
      for (const [axis, size] of sizeInM.entries())
        for (const place of [sourceInM[axis]!, microphoneInM[axis]!])
          expect(place >= 0.299 && place <= size - 0.299).toBe(true);
      const distance = Math.sqrt(sourceInM.reduce((sum, place, axis) => sum + (place - microphoneInM[axis]!) ** 2, 0));
      expect(distance >= 0.3 && distance <= 3).toBe(true);
    }
  });
});

describe('addEcho', () => {
  it('keeps power and length, and the sound where nothing echoes', () => {
    const response = roomResponse(randomRoom(seeded(1)), RATE, seeded(2));
    const heard = addEcho(sound, response);
    expect(heard.length).toBe(sound.length);
    expect(powerOf(heard) / powerOf(sound)).toBeCloseTo(1, 4);
    const tail = addEcho(sound, response, { tail: true });
    expect(tail.length).toBe(sound.length + response.length - 1);
    expect((powerOf(tail) * tail.length) / (powerOf(sound) * sound.length)).toBeCloseTo(1, 4);
    const same = addEcho(sound, Float32Array.of(2));
    expect(largest(less(same, sound).map(Math.abs))).toBeLessThan(1e-6);
    expect(addEcho(new Float32Array(10), response)).toEqual(new Float32Array(10));
    expect(() => addEcho(sound, new Float32Array(0))).toThrow('convolve: expected samples, got none');
  });
});

describe('random sounds', () => {
  const word = sound.subarray(2000, 5000);
  const others = [signal(3000), speech(9000).subarray(1000)];
  const all: readonly (readonly [string, SoundAugmentation])[] = [
    ['speed', randomSpeed({ slowest: 0.9, fastest: 1.1 })],
    ['listed speed', randomSpeed()],
    ['gain', randomGain()],
    ['noise', randomNoise({ sampleRateInHz: RATE, voices: others })],
    ['babble', randomNoise({ sampleRateInHz: RATE, voices: others, kinds: ['babble'], level: 'whole' })],
    ['echo', randomEcho(RATE)],
    ['all', composeSounds(sometimes(0.5, randomEcho(RATE)), randomNoise({ sampleRateInHz: RATE }), randomGain())],
  ];
  it.each(all)('%s depends only on sound and seed, and keeps its input', (_, augmentation) => {
    const before = word.slice();
    const draw = (seed: number) => augmentation(word, RandomStream.fromSeed(seed));
    const results = [1, 2, 3, 4, 5, 6].map(draw);
    expect([1, 2, 3, 4, 5, 6].map(draw)).toEqual(results);
    expect(new Set(results.map((samples) => samples.join())).size).toBeGreaterThan(1);
    expect(results.every((samples) => samples.every(Number.isFinite))).toBe(true);
    expect(word).toEqual(before);
  });

  it('map a dataset', async () => {
    const sounds = Dataset.from([word, word]).map(randomNoise({ sampleRateInHz: RATE }), RandomStream.fromSeed(1));
    const [first, second] = await sounds.toArray();
    expect(first).not.toEqual(second);
    expect((await sounds.toArray())[0]).toEqual(first);
  });

  it('keep to ranges and probabilities', () => {
    let changed = 0;
    const twice = sometimes(0.3, (samples) => changeGain(samples, 6));
    for (let seed = 0; seed < 2000; seed++) if (twice(Float32Array.of(1), seeded(seed))[0] !== 1) changed++;
    expect(changed / 2000).toBeCloseTo(0.3, 1);
    for (let seed = 0; seed < 50; seed++) {
      const options = { sampleRateInHz: RATE, snrInDb: [3, 8], level: 'whole' } as const;
      const ratio = inDb(powerOf(word) / powerOf(less(randomNoise(options)(word, seeded(seed)), word)));
      expect(ratio > 2.999 && ratio < 8.001).toBe(true);
    }
  });

  it('refuse what cannot be drawn', () => {
    expect(() => sometimes(2, randomGain())).toThrow('sometimes: expected a probability from 0 to 1, got 2');
    expect(() => randomGain([3, 1])).toThrow('randomGain: expected a range from small to large, got 3 to 1');
    expect(() => randomSpeed([])).toThrow('randomSpeed: expected factors, got none');
    expect(() => randomNoise({ sampleRateInHz: RATE, kinds: ['babble'] })).toThrow(
      'randomNoise: expected voices for babble, got none',
    );
    expect(() => randomNoise({ sampleRateInHz: RATE, kinds: [] })).toThrow(
      'randomNoise: expected kinds of noise, got none',
    );
  });
});
