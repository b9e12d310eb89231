const MAX_BYTES = 32 * 2 ** 20;

/**
 * Decodes a sound file as mono at the wanted rate, cut where it is too long.
 * @throws Error in one line where it is no sound, or too large
 */
export async function readSound(file: Blob, sampleRate: number, maxSeconds: number): Promise<Float32Array> {
  if (file.size > MAX_BYTES) throw new Error(`sound: expected at most 32 MiB, got ${file.size} bytes`);
  const context = new OfflineAudioContext(1, 1, sampleRate);
  const sound = await context.decodeAudioData(await file.arrayBuffer()).catch(() => {
    throw new Error('sound: expected a sound file that this browser plays, got another one');
  });
  const length = Math.min(sound.length, Math.floor(maxSeconds * sampleRate));
  const mono = new Float32Array(length);
  for (let channel = 0; channel < sound.numberOfChannels; channel++) {
    const samples = sound.getChannelData(channel);
    for (let at = 0; at < length; at++) mono[at]! += samples[at]! / sound.numberOfChannels;
  }
  return mono;
}

/** A recording of the microphone, which ends by `stop` or after so many seconds. */
export interface Recording {
  readonly stop: () => void;
  readonly sound: Promise<Blob>;
}

/** @throws Error in one line where there is no microphone that may be used */
export async function record(maxSeconds: number): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true }).catch(() => {
    throw new Error('microphone: expected one that this page may use, found none');
  });
  const recorder = new MediaRecorder(stream);
  const parts: Blob[] = [];
  const stop = (): void => {
    if (recorder.state !== 'inactive') recorder.stop();
  };
  const timer = setTimeout(stop, maxSeconds * 1000);
  const sound = new Promise<Blob>((resolve) => {
    recorder.ondataavailable = ({ data }) => {
      parts.push(data);
    };
    recorder.onstop = () => {
      clearTimeout(timer);
      for (const track of stream.getTracks()) track.stop();
      resolve(new Blob(parts, { type: recorder.mimeType }));
    };
  });
  recorder.start();
  return { stop, sound };
}
