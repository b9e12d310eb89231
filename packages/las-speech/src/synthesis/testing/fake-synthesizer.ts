import type { Line, Speech, Synthesizer } from '../synthesizer.ts';

const SAMPLE_RATE_IN_HZ = 8000;

/**
 * Synthesizer that hums: 10 ms for each character, at a pitch that the voice's name decides.
 * @param onLine called for each line before it is spoken
 */
export function fakeSynthesizer(onLine: (line: Line) => void = () => undefined): Synthesizer {
  return {
    name: 'espeak-ng',
    version: 'fake',
    voices: ['low', 'high'].map((name) => ({ name, accent: 'en', family: name })),
    lanes: 2,
    linesPerCall: 3,
    speak(lines) {
      return new Promise((resolve) => {
        resolve(
          lines.map((line) => {
            onLine(line);
            return hum(line);
          }),
        );
      });
    },
    close: () => Promise.resolve(),
  };
}

function hum({ text, delivery: { voice } }: Line): Speech {
  const step = voice === 'low' ? 0.1 : 0.2;
  const samples = Float32Array.from({ length: 80 * text.length }, (_, time) => Math.cos(step * time) / 2);
  return { sampleRateInHz: SAMPLE_RATE_IN_HZ, samples };
}
