import type { Frames } from '@motley/core/audio';
import type { FeatureSettings } from './config.ts';
import { openCorpus, type CorpusDescription } from './corpus/corpus.ts';
import { featureWidth, framesOf } from './features.ts';
import { readFeatures, type FeatureUtterance } from './recordings/course-folders.ts';
import { SAMPLE_RATE_IN_HZ } from './sample-rate.ts';
import type { TextKind } from './texts/draw-texts.ts';

/** Utterances of a corpus on disk. */
export interface SoundPart {
  readonly corpus: CorpusDescription;
  /** Places of the utterances in the corpus. */
  readonly indices: Int32Array;
}

/** Utterances of which features are given. */
export interface FeaturePart {
  readonly files: readonly FeatureUtterance[];
  /** Number of frames of each file. */
  readonly frameCounts: Int32Array;
}

/** Part of a run's speech. Plain data, which can pass to a thread. */
export type SpeechPart = SoundPart | FeaturePart;

/** Open part, read one utterance at a time. */
export interface Utterances {
  readonly count: number;
  id(place: number): string;
  text(place: number): string;
  /** Who speaks, where that is known. */
  speaker(place: number): string;
  /** Where its text comes from, if it is synthesized: a grammar, a book or a dictionary. */
  kind(place: number): TextKind | undefined;
  /** Upper bound of the number of frames. */
  frameCount(place: number): number;
  /** Sound of an utterance at 16 kHz. Undefined where features are given. */
  samples(place: number): Float32Array | undefined;
  /** Frames of an utterance, after `change` of its sound where there is one. */
  frames(place: number, change?: (samples: Float32Array) => Float32Array): Frames | Promise<Frames>;
}

/** Opens a part. @throws UserError where the corpus is damaged */
export function openPart(part: SpeechPart, features: FeatureSettings): Utterances {
  return 'corpus' in part ? openSounds(part, features) : openFeatures(part, features);
}

function openSounds({ corpus: description, indices }: SoundPart, features: FeatureSettings): Utterances {
  const corpus = openCorpus(description);
  const samplesPerFrame = Math.round((features.hopInMs * SAMPLE_RATE_IN_HZ) / 1000);
  return {
    count: indices.length,
    id: (place) => corpus.utterance(indices[place]!).id,
    text: (place) => corpus.utterance(indices[place]!).text,
    speaker: (place) => corpus.utterance(indices[place]!).speaker,
    kind: (place) => corpus.utterance(indices[place]!).kind,
    frameCount: (place) => Math.ceil(corpus.utterance(indices[place]!).length / samplesPerFrame),
    samples: (place) => corpus.samples(indices[place]!),
    frames(place, change = (samples) => samples) {
      return framesOf(change(corpus.samples(indices[place]!)), features);
    },
  };
}

function openFeatures({ files, frameCounts }: FeaturePart, features: FeatureSettings): Utterances {
  return {
    count: files.length,
    id: (place) => files[place]!.id,
    text: (place) => files[place]!.text,
    speaker: () => 'unknown',
    kind: () => undefined,
    frameCount: (place) => frameCounts[place]!,
    samples: () => undefined,
    frames: (place) => readFeatures(files[place]!.file, featureWidth(features)),
  };
}
