import { RandomStream, restored } from '@motley/core';
import { defineDemo, labels, streamedText, text } from '@motley/core/demo';
import type { MarkovChain } from '@motley/core/generators';
import { shown, UserError } from '@motley/run';
import type { MarkovConfig } from './config.ts';
import { chainOf } from './data.ts';
import { SymbolPredictor } from './model.ts';
import { predictNext } from './predict.ts';

const EXAMPLES = 200;
const MAX_LENGTH = 2000;
/** Chains with more symbols are written with spaces between them. */
const DIGITS = 10;

interface Loaded {
  readonly model: SymbolPredictor;
  readonly chain: MarkovChain;
  readonly window: number;
}

/** A sequence of the chain, as long as those of the training. */
function sampleOf({ chain, window }: Loaded, index: number): string {
  const drawn = chain.draw(RandomStream.fromSeed(0).fork('demo').fork(index), window);
  return drawn.join(chain.transitions.length > DIGITS ? ' ' : '');
}

/** Symbols of a text. @throws UserError where one is none of the chain's */
function symbolsOf(text: string, states: number): Int32Array {
  const parts = text.match(states > DIGITS ? /\S+/g : /\S/g) ?? [];
  const invalid = parts.find((part) => !/^\d{1,2}$/.test(part) || Number(part) >= states);
  if (invalid !== undefined)
    throw new UserError(`symbols: expected numbers from 0 to ${states - 1}, got ${shown(invalid)}`);
  return Int32Array.from(parts, Number);
}

const scored = (probabilities: ArrayLike<number>) =>
  Array.from(probabilities, (score, symbol) => ({ label: String(symbol), score })).sort((a, b) => b.score - a.score);

/** Type symbols, and compare the prediction of the next one with the chain's own. */
export default defineDemo({
  title: 'Guess the next symbol',
  description:
    'One symbol many steps back decides how probable each next symbol is. Change it, then another one: only the first should change the prediction.',
  inputs: (loaded: Loaded) => ({
    symbols: text({
      label: 'Symbols',
      hint: `Numbers from 0 to ${loaded.chain.transitions.length - 1}; the one ${loaded.chain.delay} from the end decides.`,
      lines: 4,
      maxLength: MAX_LENGTH,
      default: sampleOf(loaded, 0),
      examples: { count: EXAMPLES, make: (index) => sampleOf(loaded, index) },
    }),
  }),
  outputs: {
    predicted: labels({ top: DIGITS, label: 'Predicted next symbol' }),
    expected: labels({ top: DIGITS, label: 'True probabilities' }),
    deciding: streamedText({ label: 'What decides' }),
  },
  load: ({ weights, config }): Loaded => {
    const { model, data } = config as MarkovConfig;
    const network = new SymbolPredictor(model, data.states, RandomStream.fromSeed(0));
    return { model: restored(network, weights), chain: chainOf(data), window: model.window };
  },
  run: async ({ model, chain }, values, { signal, emit }) => {
    const symbols = symbolsOf(values.symbols, chain.transitions.length);
    const decider = symbols.at(-chain.delay);
    // The first symbols of a sequence come from the stationary distribution.
    const known = {
      expected: scored(decider === undefined ? chain.stationary : chain.transitions[decider]!),
      deciding:
        decider === undefined
          ? `No symbol yet: the delay is ${chain.delay}, the sequence has ${symbols.length}.`
          : `Symbol ${symbols.length - chain.delay + 1} of ${symbols.length}, which is ${decider}.`,
    };
    await emit(known);
    if (signal.aborted || symbols.length === 0) return { ...known, predicted: [] };
    return { ...known, predicted: scored(await predictNext(model, symbols)) };
  },
  dispose: ({ model }) => {
    model.dispose();
  },
});
