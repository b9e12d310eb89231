import { RandomNumbers, largest } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { RealFft } from './fft.ts';

function naiveSpectrum(signal: Float64Array): Float64Array {
  const bins = signal.length / 2 + 1;
  const spectrum = new Float64Array(2 * bins);
  for (let bin = 0; bin < bins; bin++)
    for (const [index, value] of signal.entries()) {
      const angle = (2 * Math.PI * ((bin * index) % signal.length)) / signal.length;
      spectrum[2 * bin]! += value * Math.cos(angle);
      spectrum[2 * bin + 1]! -= value * Math.sin(angle);
    }
  return spectrum;
}

const signalOf = (length: number) => Float64Array.from(RandomNumbers.fromSeed(length).normalValues(length));
const difference = (found: Float64Array, expected: Float64Array) =>
  largest(found.map((value, index) => Math.abs(value - expected[index]!)));

describe('RealFft', () => {
  it.each([2, 4, 6, 8, 10, 12, 16, 18, 30, 32, 50, 64, 90, 250, 256, 400, 480, 512, 600, 1024])(
    'has the values of the sum, and goes back: length %d',
    (length) => {
      const signal = signalOf(length);
      const fft = new RealFft(length);
      fft.forward(signal);
      expect(fft.bins).toBe(length / 2 + 1);
      expect(difference(fft.spectrum, naiveSpectrum(signal))).toBeLessThan(1e-11);
      const back = new Float64Array(length);
      fft.inverse(back);
      expect(difference(back, signal)).toBeLessThan(1e-14);
    },
  );

  it('keeps its values over long signals', () => {
    const length = 2 ** 17;
    const signal = signalOf(length);
    const fft = RealFft.ofLength(length);
    expect(RealFft.ofLength(length)).toBe(fft);
    fft.forward(signal);
    // Parseval: the energy of the signal is that of the spectrum.
    let energy = 0;
    for (let index = 0; index < fft.spectrum.length; index++) {
      const isEnd = index < 2 || index >= fft.spectrum.length - 2;
      energy += ((isEnd ? 1 : 2) * fft.spectrum[index]! ** 2) / length;
    }
    expect(energy / signal.reduce((sum, value) => sum + value ** 2, 0)).toBeCloseTo(1, 12);
    const back = new Float64Array(length);
    fft.inverse(back);
    expect(difference(back, signal)).toBeLessThan(1e-13);
  });

  it.each([0, 1, 3, 14, 22, 2.5, NaN, Infinity, -4])('refuses a length of %d', (length) => {
    expect(() => new RealFft(length)).toThrow(
      new RangeError(`RealFft: expected an even length without prime factors above 5, got ${length}`),
    );
  });
});
