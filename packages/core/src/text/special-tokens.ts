import { shown, suggestion } from '@motley/run';

/** Special tokens of a tokenizer. They have the first ids. */
export class SpecialTokens {
  readonly names: readonly string[];

  /**
   * Creates the special tokens.
   * @throws RangeError if a name is empty or repeated
   */
  constructor(names: readonly string[] = []) {
    const different = new Set<string>();
    for (const name of names) {
      if (name === '' || different.has(name))
        throw new RangeError(
          `tokenizer: expected different names of special tokens, got ${shown(name)} again or empty`,
        );
      different.add(name);
    }
    this.names = names;
  }

  get count(): number {
    return this.names.length;
  }

  idOf(name: string): number {
    const id = this.names.indexOf(name);
    if (id < 0) throw new RangeError(`tokenizer: no special token ${shown(name)}${suggestion(name, this.names)}`);
    return id;
  }
}

/**
 * Checks an id.
 * @throws RangeError if it is not an integer from 0 to `size` - 1
 */
export function checkId(id: number, size: number): void {
  if (!Number.isInteger(id) || id < 0 || id >= size)
    throw new RangeError(`tokenizer: expected an id from 0 to ${size - 1}, got ${id}`);
}
