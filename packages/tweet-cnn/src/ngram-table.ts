import { evidenceFor } from './evidence.ts';
import { type LabeledTexts, textAt } from './labeled-texts.ts';
import type { TextCnn } from './model.ts';

/** An n-gram, and what it says for a class in sum over all texts. */
interface GramEvidence {
  readonly gram: string;
  readonly evidence: number;
  /** Texts with this n-gram among the evidence for the class. */
  readonly texts: number;
}

/** Windows of a text that enter the table: those with the strongest evidence. */
const WINDOWS_PER_TEXT = 5;

/**
 * The n-grams that decided for each class, over the texts that the network gives to the class, strongest first. Each
 * text counts with its few strongest windows.
 * @param predicted class of each text that the network chose
 */
export async function gramTable(
  model: TextCnn,
  texts: LabeledTexts,
  predicted: readonly number[],
  gramsPerClass: number,
): Promise<GramEvidence[][]> {
  const { vocabulary, classNames } = model.labels;
  const sums = classNames.map(() => new Map<string, { evidence: number; texts: number }>());
  for (const [row, label] of predicted.entries()) {
    const text = textAt(texts, row);
    if (text.length === 0) continue;
    for (const { start, width, evidence } of await strongestWindows(model, text, label, WINDOWS_PER_TEXT)) {
      const gram = gramOf(text, start, width, vocabulary.words);
      const sum = sums[label]!.get(gram) ?? { evidence: 0, texts: 0 };
      sums[label]!.set(gram, { evidence: sum.evidence + evidence, texts: sum.texts + 1 });
    }
  }
  return sums.map((grams) =>
    [...grams]
      .map(([gram, sum]) => ({ gram, ...sum }))
      .sort((a, b) => b.evidence - a.evidence)
      .slice(0, gramsPerClass),
  );
}

/** Windows with the most evidence for a class, strongest first. */
export async function strongestWindows(model: TextCnn, text: Int32Array, label: number, count: number) {
  const { windows } = await evidenceFor(model, text, label);
  return windows
    .filter(({ evidence }) => evidence > 0)
    .sort((a, b) => b.evidence - a.evidence)
    .slice(0, count);
}

/** Words of a window that lie in the text. */
export function gramOf(text: Int32Array, start: number, width: number, words: readonly string[]): string {
  return Array.from(text.subarray(Math.max(0, start), start + width), (symbol) => words[symbol]!).join(' ');
}
