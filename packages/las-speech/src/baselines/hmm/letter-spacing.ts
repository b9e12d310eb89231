import type { SentenceModel, SentenceState } from '../sentence-model.ts';

/** Texts that the search follows at once. */
const BEAM = 100;

interface Text {
  readonly text: string;
  readonly logProbability: number;
  readonly state: SentenceState;
}

/**
 * Letters with spaces where a model of letters wants them most: the likeliest of the texts that have these letters,
 * found by a search over the 100 likeliest beginnings.
 * @param letters of the model's vocabulary
 */
export function spaced(letters: string, model: SentenceModel): string {
  let texts: readonly Text[] = [{ text: '', logProbability: 0, state: model.beginning }];
  for (const letter of letters) {
    const longer = texts.flatMap((each) => [
      ...(each.text === '' ? [] : [extended(extended(each, ' ', model), letter, model)]),
      extended(each, letter, model),
    ]);
    texts = best(longer);
  }
  const ended = texts.map((each) => ({
    ...each,
    logProbability: each.logProbability + model.read(each.state, undefined).logProbability,
  }));
  return best(ended)[0]!.text;
}

function extended(before: Text, symbol: string, model: SentenceModel): Text {
  const { logProbability, state } = model.read(before.state, symbol);
  return { text: before.text + symbol, logProbability: before.logProbability + logProbability, state };
}

/** The likeliest beginning for each state, the likeliest first. */
function best(texts: readonly Text[]): Text[] {
  const byState = new Map<SentenceState, Text>();
  for (const each of texts)
    if (each.logProbability > (byState.get(each.state)?.logProbability ?? -Infinity)) byState.set(each.state, each);
  return [...byState.values()].sort((one, other) => other.logProbability - one.logProbability).slice(0, BEAM);
}
