export const SYNTHESIZER_NAMES = ['espeak-ng', 'flite'] as const;
export type SynthesizerName = (typeof SYNTHESIZER_NAMES)[number];

/** A voice of a synthesizer. */
export interface Voice {
  /** Name that the synthesizer takes: `en-gb+m3`, `slt`. */
  readonly name: string;
  /** Language or accent: `en-gb`. */
  readonly accent: string;
  /** Voices that resemble each other, whatever their accent: espeak-ng's variants `steph`, `steph2` and `steph3`. */
  readonly family: string;
}

/** How a text is spoken. */
export interface Delivery {
  /** Name of the voice. */
  readonly voice: string;
  readonly wordsPerMinute: number;
  /** Distance from the voice's own pitch, -6 to 6. */
  readonly pitchInSemitones: number;
  /** Melody relative to the voice's own: 0 is monotone, 1 the voice's own, 2 lively. */
  readonly pitchRange: number;
}

/** Speech as a synthesizer made it. */
export interface Speech {
  readonly sampleRateInHz: number;
  /** Samples from -1 to 1. */
  readonly samples: Float32Array;
}

/** Text with its delivery. */
export interface Line {
  readonly text: string;
  readonly delivery: Delivery;
}

/** Program that reads texts aloud. The same lines give the same samples. */
export interface Synthesizer {
  readonly name: SynthesizerName;
  readonly version: string;
  readonly voices: readonly Voice[];
  /** Number of calls that are best made at once. */
  readonly lanes: number;
  /** Number of lines that are best spoken in one call. */
  readonly linesPerCall: number;
  /**
   * Speaks lines of one voice.
   * @throws UserError where it fails, or takes too long
   */
  speak(lines: readonly Line[]): Promise<Speech[]>;
  /** Ends its threads. */
  close(): Promise<void>;
}
