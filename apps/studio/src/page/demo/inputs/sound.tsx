import type { SoundInput } from '@motley/core/demo';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ErrorLine } from '../parts/error-line.tsx';
import { Plot } from '../parts/plot.tsx';
import { FileButton } from './file-button.tsx';
import type { InputProps } from './props.ts';
import { readSound, record, type Recording } from './read-sound.ts';

/** Points of the drawn wave. */
const POINTS = 600;

/** Sound by microphone, file, drop or paste. */
export function SoundControl({ input, value, onChange, label }: InputProps<SoundInput, Float32Array>) {
  const { sampleRate, maxSeconds } = input;
  const [error, setError] = useState('');
  const [recording, setRecording] = useState<Recording | undefined>(undefined);
  const recordingNow = useRef<Recording | undefined>(undefined);
  recordingNow.current = recording;
  useEffect(
    () => () => {
      recordingNow.current?.stop();
    },
    [],
  );

  const attempt = async (action: () => Promise<void>): Promise<void> => {
    try {
      setError('');
      await action();
    } catch (cause) {
      setError((cause as Error).message);
    }
  };
  const take = (blob: Blob | null | undefined): Promise<void> =>
    attempt(async () => {
      if (blob) onChange(await readSound(blob, sampleRate, maxSeconds));
    });
  const startRecording = (): Promise<void> =>
    attempt(async () => {
      const begun = await record(maxSeconds);
      setRecording(begun);
      const blob = await begun.sound;
      setRecording(undefined);
      await take(blob);
    });

  return (
    <div
      class="demo-drop"
      onDragOver={(event) => {
        event.preventDefault();
      }}
      onDrop={(event) => {
        event.preventDefault();
        void take(event.dataTransfer?.files[0]);
      }}
    >
      {value === undefined ? (
        <p class="demo-empty">Record, or drop a sound file here</p>
      ) : (
        <>
          <Plot lines={[{ ...waveOf(value, sampleRate), tone: 0 }]} label={`${label}: wave`} height={90} isBare />
          <p class="demo-note">{(value.length / sampleRate).toFixed(2)} s</p>
        </>
      )}
      <div class="demo-tools">
        {recording === undefined ? (
          <button type="button" onClick={() => void startRecording()}>
            Record
          </button>
        ) : (
          <button
            type="button"
            class="is-main"
            onClick={() => {
              recording.stop();
            }}
          >
            Stop recording
          </button>
        )}
        <FileButton label={label} accept="audio/*" onFile={(chosen) => void take(chosen)} />
        {value !== undefined && value.length > 0 && (
          <button
            type="button"
            onClick={() => {
              play(value, sampleRate);
            }}
          >
            Play
          </button>
        )}
      </div>
      <ErrorLine text={error} />
    </div>
  );
}

/** Lowest and highest sample of each part, one after the other: no peak is lost. */
function waveOf(samples: Float32Array, sampleRate: number): { x: Float32Array; y: Float32Array } {
  const parts = Math.min(POINTS, samples.length);
  const [x, y] = [new Float32Array(2 * parts), new Float32Array(2 * parts)];
  for (let part = 0; part < parts; part++) {
    const from = Math.floor((part * samples.length) / parts);
    const to = Math.floor(((part + 1) * samples.length) / parts);
    let [low, high] = [0, 0];
    for (let at = from; at < to; at++) [low, high] = [Math.min(low, samples[at]!), Math.max(high, samples[at]!)];
    x.fill(from / sampleRate, 2 * part, 2 * part + 2);
    [y[2 * part], y[2 * part + 1]] = [low, high];
  }
  return { x, y };
}

function play(samples: Float32Array, sampleRate: number): void {
  const context = new AudioContext();
  const buffer = context.createBuffer(1, samples.length, sampleRate);
  buffer.copyToChannel(Float32Array.from(samples), 0);
  const source = context.createBufferSource();
  source.buffer = buffer;
  source.connect(context.destination);
  source.onended = () => void context.close();
  source.start();
}
