import { SpecialTokens, checkId } from './special-tokens.ts';
import type { SpecialTokenOptions, Tokenizer } from './tokenizer.ts';

export interface ByteTokenizerState {
  readonly type: 'byte';
  readonly specials: readonly string[];
}

const BYTE_COUNT = 256;

/** Encodes text as UTF-8 bytes, with ids after the special tokens. Needs no training and restores any text. */
export class ByteTokenizer implements Tokenizer {
  readonly #specials: SpecialTokens;

  constructor({ specials }: SpecialTokenOptions = {}) {
    this.#specials = new SpecialTokens(specials);
  }

  get vocabularySize(): number {
    return this.#specials.count + BYTE_COUNT;
  }

  encode(text: string): Int32Array {
    return Int32Array.from(new TextEncoder().encode(text), (byte) => this.#specials.count + byte);
  }

  /** Decodes ids. Invalid UTF-8 becomes U+FFFD. */
  decode(ids: Iterable<number>): string {
    const bytes: number[] = [];
    for (const id of ids) {
      checkId(id, this.vocabularySize);
      if (id >= this.#specials.count) bytes.push(id - this.#specials.count);
    }
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  }

  specialId(name: string): number {
    return this.#specials.idOf(name);
  }

  toJSON(): ByteTokenizerState {
    return { type: 'byte', specials: this.#specials.names };
  }
}
