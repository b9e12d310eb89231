import type { RandomNumbers } from '@motley/run';

/** Production of a symbol: a weight relative to the alternatives, and the right-hand side. */
export interface Production {
  readonly weight: number;
  /** Right-hand side. Strings that are not symbols of the grammar are words. */
  readonly symbols: readonly string[];
}

/** Productions by symbol. `'a b c'` has weight 1; `['a b', 3]` has weight 3. */
export type GrammarRules = Readonly<Record<string, readonly (string | readonly [symbols: string, weight: number])[]>>;

/** Maximum number of words in a sentence. Only a grammar that hardly terminates comes near. */
const MAX_WORDS = 10_000;

/**
 * Probabilistic context-free grammar. If no sentence has two derivations, the entropy of its sentences equals that of
 * the derivation choices (Grenander, "Syntax-controlled probabilities", 1967): H = (I - M)⁻¹ h. Here h is the entropy
 * of each symbol's choice and M the expected number of uses of each symbol by each symbol.
 */
export class Grammar {
  readonly start: string;
  readonly #productions: ReadonlyMap<string, readonly Production[]>;

  /**
   * @throws RangeError where the start is not a symbol, a weight is invalid, or the expected sentence length is
   *   infinite
   */
  constructor(rules: GrammarRules, start: string) {
    this.start = start;
    this.#productions = new Map(
      Object.entries(rules).map(([symbol, choices]) => [symbol, normalized(symbol, choices)] as const),
    );
    if (!this.#productions.has(start)) throw new RangeError(`grammar: expected a rule for the start "${start}"`);
    if (!Number.isFinite(this.expectedLength))
      throw new RangeError('grammar: expected sentences of finite length; give rules that end more weight');
  }

  /** Vocabulary: all words of the grammar, sorted. */
  get words(): string[] {
    const words = [...this.#productions.values()].flat().flatMap(({ symbols }) => symbols);
    return [...new Set(words)].filter((word) => !this.#productions.has(word)).sort();
  }

  /**
   * Entropy of a sentence with its end, in nats: the lowest possible cross-entropy. Exact for an unambiguous grammar.
   */
  get entropyInNats(): number {
    return this.#expected(({ weight }) => -Math.log(weight));
  }

  /** Expected number of words in a sentence. */
  get expectedLength(): number {
    return this.#expected(({ symbols }) => symbols.filter((symbol) => !this.#productions.has(symbol)).length);
  }

  /** Lowest possible cross-entropy per token, in nats, where the end of the sentence is a token too. */
  get entropyPerTokenInNats(): number {
    return this.entropyInNats / (this.expectedLength + 1);
  }

  /** Draws a sentence, as words. */
  draw(random: RandomNumbers): string[] {
    const words: string[] = [];
    const waiting = [this.start];
    let [draws, used] = [random.uniformValues(64), 0];
    for (let symbol = waiting.pop(); symbol !== undefined; symbol = waiting.pop()) {
      const productions = this.#productions.get(symbol);
      if (productions === undefined) {
        if (words.push(symbol) > MAX_WORDS) throw new RangeError(`grammar: a sentence of over ${MAX_WORDS} words`);
        continue;
      }
      if (used === draws.length) [draws, used] = [random.uniformValues(64), 0];
      for (const symbol of chosen(productions, draws[used++]!).symbols.toReversed()) waiting.push(symbol);
    }
    return words;
  }

  /** Expected sum of `of` over the productions of a sentence, by iteration. Infinity where it diverges. */
  #expected(of: (production: Production) => number): number {
    let values = new Map<string, number>();
    for (let round = 0; round < 10_000; round++) {
      let change = 0;
      const next = new Map<string, number>();
      for (const [symbol, productions] of this.#productions) {
        const value = productions.reduce((sum, production) => {
          const below = production.symbols.reduce((inner, each) => inner + (values.get(each) ?? 0), 0);
          return sum + production.weight * (of(production) + below);
        }, 0);
        change = Math.max(change, Math.abs(value - (values.get(symbol) ?? 0)) / Math.max(1, value));
        next.set(symbol, value);
      }
      values = next;
      if (change < 1e-14) return values.get(this.start)!;
    }
    return Infinity;
  }
}

function normalized(symbol: string, choices: GrammarRules[string]): Production[] {
  const productions = choices.map((choice) => {
    const [text, weight] = typeof choice === 'string' ? [choice, 1] : choice;
    return { weight, symbols: text.split(' ').filter((each) => each !== '') };
  });
  const sum = productions.reduce((total, { weight }) => total + weight, 0);
  if (!(sum > 0) || productions.some(({ weight }) => !(weight > 0)))
    throw new RangeError(`grammar, symbol "${symbol}": expected choices with weights above 0`);
  return productions.map((production) => ({ ...production, weight: production.weight / sum }));
}

function chosen(productions: readonly Production[], draw: number): Production {
  let sum = 0;
  for (const production of productions) {
    sum += production.weight;
    if (draw < sum) return production;
  }
  return productions.at(-1)!;
}

/**
 * Small English grammar with long-range subject-verb agreement. A relative clause with a noun of its own may separate
 * the subject from its verb: "the dogs that the cat sees sleep ." No sentence has two derivations.
 */
export function englishGrammar(): Grammar {
  const rules: Record<string, GrammarRules[string]> = { S: ['S_one .', 'S_many .'] };
  const endings = { one: 's', many: '' } as const;
  for (const number of ['one', 'many'] as const) {
    const plural = number === 'many' ? 's' : '';
    rules[`S_${number}`] = [`NP_${number} VP_${number}`];
    rules[`NP_${number}`] = [
      [`Det_${number} N_${number}`, 5],
      [`Det_${number} Adj N_${number}`, 2],
      [`Det_${number} N_${number} that VP_${number}`, 1],
      [`Det_${number} N_${number} that NP_one Vt_one`, 1],
      [`Det_${number} N_${number} that NP_many Vt_many`, 1],
    ];
    rules[`VP_${number}`] = [
      [`Vi_${number}`, 2],
      [`Vt_${number} NP_one`, 1],
      [`Vt_${number} NP_many`, 1],
    ];
    rules[`Det_${number}`] = number === 'one' ? [['the', 3], ['a', 2], 'every'] : [['the', 3], ['some', 2], 'many'];
    rules[`N_${number}`] = ['dog', 'cat', 'bird', 'teacher', 'child', 'farmer'].map((noun) =>
      noun === 'child' && number === 'many' ? 'children' : `${noun}${plural}`,
    );
    rules[`Vi_${number}`] = ['sleep', 'run', 'sing', 'wait'].map((verb) => `${verb}${endings[number]}`);
    rules[`Vt_${number}`] = ['see', 'like', 'follow', 'hear'].map((verb) => `${verb}${endings[number]}`);
  }
  return new Grammar({ ...rules, Adj: ['small', 'old', 'happy', 'quiet'] }, 'S');
}
