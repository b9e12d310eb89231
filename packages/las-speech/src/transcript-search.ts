import type { CompiledStep, StepCompiler } from '@motley/core';
import * as tf from '@tensorflow/tfjs-core';
import { beamSearch, type BeamSearchOptions } from './decoding/beam-search.ts';
import type { ListenAttendSpell } from './model.ts';

/** Frames [B, T, F] and the number of frames of each sound, int32 [B]. */
export type SearchInputs = Readonly<Record<'frames' | 'lengths', tf.Tensor>>;

/** The best transcript of each sound: symbols int32 [B, L], scores [B] and log-probabilities [B]. */
export type BestTranscripts = Readonly<Record<'symbols' | 'scores' | 'logProbabilities', tf.Tensor>>;

/** Listening and beam search as one function, compiled for each shape of frames where there is a compiler. */
export class TranscriptSearch {
  readonly #search: (inputs: SearchInputs) => BestTranscripts;
  readonly #compiled: CompiledStep<SearchInputs> | undefined;

  /** @param compile without it, the search runs uncompiled, some ten times slower */
  constructor(model: ListenAttendSpell, options: BeamSearchOptions, compile?: StepCompiler) {
    this.#search = ({ frames, lengths }) => {
      const found = beamSearch(model, model.listen(frames, lengths), options);
      const best = (each: tf.Tensor): tf.Tensor => tf.squeeze(tf.slice(each, [0, 0], [-1, 1]), [1]);
      return {
        symbols: tf.squeeze(tf.slice(found.symbols, [0, 0, 0], [-1, 1, -1]), [1]),
        scores: best(found.scores),
        logProbabilities: best(found.logProbabilities),
      };
    };
    // XLA takes several times as long to compile, for a sound of a few seconds longer than to recognize it uncompiled.
    this.#compiled = compile?.(this.#search, 'grappler');
  }

  get isCompiled(): boolean {
    return this.#compiled !== undefined;
  }

  /** The caller disposes of the result. */
  best(inputs: SearchInputs): BestTranscripts {
    return tf.tidy(() =>
      this.#compiled === undefined
        ? this.#search(inputs)
        : (this.#compiled(inputs, { step: tf.scalar(0, 'int32') }) as unknown as BestTranscripts),
    );
  }

  dispose(): void {
    this.#compiled?.dispose?.();
  }
}
