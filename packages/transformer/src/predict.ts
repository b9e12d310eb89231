import type { CompiledStep, StepCompiler } from '@motley/core';
import type { Tokenizer } from '@motley/core/text';
import { UserError, largest } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { beamSearch } from './decoding/beam-search.ts';
import type { Transformer } from './model.ts';
import { FRAME, textOf } from './vocabulary.ts';

export interface DecodingOptions {
  /** Candidates kept; 1 is greedy decoding. */
  readonly beam: number;
  /** Exponent α of the length penalty; see `beamSearch`. */
  readonly lengthPenalty: number;
}

/** Sentences decoded in one batch. */
const BATCH_SIZE = 32;
/** Lengths are rounded up to a multiple of this, so few shapes are traced. */
const LENGTH_STEP = 8;

type Request = Readonly<Record<'source', tf.Tensor>>; // int32 [B, S]

/** Translates texts with a trained network. */
export class Translator {
  readonly #model: Transformer;
  readonly #tokenizer: Tokenizer;
  readonly #decode: (request: Request) => tf.Tensor; // int32 [B, L]
  readonly #compiled: CompiledStep<Request> | undefined;

  /** @param compile compiles the search; by default it runs uncompiled */
  constructor(model: Transformer, tokenizer: Tokenizer, options: DecodingOptions, compile?: StepCompiler) {
    if (model.encoder === undefined)
      throw new UserError('translate: expected a network with an encoder (model.kind), got one of a decoder alone');
    this.#model = model;
    this.#tokenizer = tokenizer;
    const search = ({ source }: Request): Readonly<Record<'symbols', tf.Tensor>> => {
      const { symbols } = beamSearch(model, source, { ...options, ...FRAME, maxLength: this.#longest(source) });
      return { symbols: tf.squeeze(tf.slice(symbols, [0, 0, 0], [-1, 1, -1]), [1]) };
    };
    // XLA takes long to compile the loop, without a gain.
    const compiled = compile?.(search, 'grappler');
    this.#compiled = compiled;
    this.#decode =
      compiled === undefined
        ? (request) => tf.tidy(() => search(request).symbols)
        : (request) => tf.tidy(() => compiled(request, { step: tf.scalar(0, 'int32') }).symbols!);
  }

  /**
   * Translations of texts, in order; an empty text has an empty translation.
   * @param place name of the text at an index, for messages
   * @throws UserError if a text is too long for the network
   */
  async translate(texts: readonly string[], place: (index: number) => string = numbered): Promise<string[]> {
    const answers = texts.map(() => '');
    const sentences = texts
      .map((text, index) => ({ index, symbols: this.#read(text, place(index)) }))
      .filter(({ index }) => texts[index]!.trim() !== '')
      .sort((a, b) => a.symbols.length - b.symbols.length);
    for (let first = 0; first < sentences.length; first += BATCH_SIZE) {
      const group = sentences.slice(first, first + BATCH_SIZE);
      const rows = await this.#answer(group.map(({ symbols }) => symbols));
      for (const [row, { index }] of group.entries()) answers[index] = textOf(this.#tokenizer, rows[row]!);
    }
    return answers;
  }

  /**
   * Translates greedily and yields the words as they are decoded; joined, they are the translation.
   * @throws UserError if the text is too long for the network
   */
  async *stream(text: string, place = numbered(0)): AsyncGenerator<string> {
    if (text.trim() === '') return;
    const model = this.#model;
    const symbols = this.#read(text, place);
    const source = tf.tensor2d([symbols], [1, symbols.length], 'int32');
    const longest = this.#longest(source);
    const memories = tf.tidy(() => model.encode(source));
    const { output, ...begun } = tf.tidy(() => {
      const state = model.begin(1, longest, memories);
      return { output: state.output, caches: [...state.caches] };
    });
    let { caches } = begun;
    const generated: number[] = [];
    let shown = 0;
    try {
      while (generated.length < longest) {
        const { next, grown } = tf.tidy(() => {
          const last = tf.tensor1d([generated.at(-1) ?? FRAME.begin], 'int32');
          const result = model.step(last, tf.scalar(generated.length, 'int32'), { caches, memories, output });
          return { next: tf.argMax(result.logits, 1), grown: [...result.state.caches] };
        });
        tf.dispose(caches);
        caches = grown;
        const [symbol] = await next.data<'int32'>();
        next.dispose();
        if (symbol === FRAME.end) break;
        generated.push(symbol!);
        // A word is complete when the next one begins.
        const words = textOf(this.#tokenizer, generated);
        const end = words.lastIndexOf(' ');
        if (end <= shown) continue;
        yield words.slice(shown, end);
        shown = end;
      }
      yield textOf(this.#tokenizer, generated).slice(shown);
    } finally {
      source.dispose();
      tf.dispose([caches, memories, output]);
    }
  }

  dispose(): void {
    this.#compiled?.dispose?.();
  }

  #read(text: string, place: string): number[] {
    const symbols = [...this.#tokenizer.encode(text.trim()), FRAME.end];
    const { maxLength } = this.#model.config;
    if (symbols.length > maxLength)
      throw new UserError(
        `${place}: expected a sentence of at most ${maxLength - 1} symbols (some ${Math.floor(maxLength / 2)} words), got ${symbols.length - 1}: cut it into sentences`,
      );
    return symbols;
  }

  /** Maximum length of a translation, in symbols. */
  #longest({ shape: [, length = 0] }: tf.Tensor): number {
    return Math.min(this.#model.config.maxLength, 2 * roundedUp(length) + LENGTH_STEP);
  }

  /** Best translations, each followed by its end symbol and padding. */
  async #answer(sentences: readonly (readonly number[])[]): Promise<number[][]> {
    // Only two batch sizes are traced. Copies of the last sentence fill an incomplete batch.
    const height = sentences.length === 1 ? 1 : BATCH_SIZE;
    const longest = largest(sentences.map(({ length }) => length));
    const width = Math.min(roundedUp(longest), this.#model.config.maxLength);
    const rows = Array.from({ length: height }, (_, row) => {
      const symbols = sentences[Math.min(row, sentences.length - 1)]!;
      return [...symbols, ...new Array<number>(width - symbols.length).fill(0)];
    });
    const source = tf.tensor2d(rows, [height, width], 'int32');
    const answers = this.#decode({ source });
    source.dispose();
    const symbols = (await answers.array()) as number[][];
    answers.dispose();
    return symbols;
  }
}

const roundedUp = (length: number): number => Math.ceil(length / LENGTH_STEP) * LENGTH_STEP;

function numbered(index: number): string {
  return `sentence ${index + 1}`;
}
