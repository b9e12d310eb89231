import { errorRates, lettersOf, type ErrorRates, type IntervalOptions } from '../error-rates.ts';
import { centralSentence, commonestSentence } from './deaf.ts';
import { likeliestSentence } from './likeliest-sentence.ts';
import { SentenceModel } from './sentence-model.ts';

/** Error rates on a test set without listening. */
interface DeafRates {
  /** Always the commonest training sentence. */
  readonly commonest: ErrorRates;
  /** Always the training sentence with the least mean distance to others. */
  readonly central: ErrorRates;
  /** Always the sentence that the language model holds likeliest. */
  readonly languageModel: ErrorRates;
  /** Surprisal of the language model per letter, the ends of sentences included. */
  readonly bitsPerCharacter: number;
}

export interface DeafBaselines {
  /** Letters that the language model sees, and predicts: the best on the validation. */
  readonly order: number;
  readonly guesses: Readonly<Record<'commonest' | 'central' | 'languageModel', string>>;
  readonly tests: Readonly<Record<string, DeafRates>>;
}

export interface DeafOptions extends Omit<IntervalOptions, 'clusters'> {
  /** Letters that texts may have beside those of the training. */
  readonly letters?: string;
  /** Orders of the language model to try. Default 3 to 8 */
  readonly orders?: readonly number[];
}

const ORDERS = [3, 4, 5, 6, 7, 8];

/**
 * Error rates of recognizers that do not listen, on sets of texts by name.
 * @throws RangeError where there are no training or validation texts, or one has a letter that neither training nor
 *   `letters` has
 */
export function deafBaselines(
  texts: {
    readonly training: readonly string[];
    readonly validation: readonly string[];
    readonly tests: Readonly<Record<string, readonly string[]>>;
  },
  { letters = '', orders = ORDERS, ...intervals }: DeafOptions = {},
): DeafBaselines {
  const training = texts.training.map(lettersOf);
  const validation = texts.validation.map(lettersOf);
  let [best, fewestBits] = [new SentenceModel(training, { order: 1, vocabulary: lettersOf(letters) }), Infinity];
  for (const order of orders) {
    const model = new SentenceModel(training, { order, vocabulary: lettersOf(letters) });
    const bits = model.bitsPerSymbol(validation);
    if (bits < fewestBits) [best, fewestBits] = [model, bits];
  }
  const guesses = {
    commonest: commonestSentence(texts.training),
    central: centralSentence(texts.training).sentence,
    languageModel: likeliestSentence(best).symbols.join(''),
  };
  const rates = (references: readonly string[], hypothesis: string) =>
    errorRates(
      references.map((reference) => ({ reference, hypothesis })),
      intervals,
    );
  const tests = Object.entries(texts.tests).map(
    ([name, references]) =>
      [
        name,
        {
          commonest: rates(references, guesses.commonest),
          central: rates(references, guesses.central),
          languageModel: rates(references, guesses.languageModel),
          bitsPerCharacter: best.bitsPerSymbol(references.map(lettersOf)),
        },
      ] as const,
  );
  return { order: best.order, guesses, tests: Object.fromEntries(tests) };
}
