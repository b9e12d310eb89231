import type { SentenceModel } from './sentence-model.ts';

/** The format's logarithm of 0. */
const NEVER = -99;

/**
 * A model in the ARPA format, which recognizers read: for each n-gram log₁₀ p(last | others), and log₁₀ γ where longer
 * n-grams may begin with it.
 */
export function arpa(model: SentenceModel): string {
  const lengths = Array.from({ length: model.order }, (_, index) => index + 1);
  const sections = lengths.map((length) => [...model.ngrams(length)]);
  const lines = ['\\data\\', ...sections.map((ngrams, index) => `ngram ${index + 1}=${ngrams.length}`)];
  for (const [index, ngrams] of sections.entries()) {
    lines.push('', `\\${index + 1}-grams:`);
    for (const { symbols, logProbability, logBackoff } of ngrams) {
      const columns = [decimal(logProbability), symbols.join(' ')];
      if (index + 1 < model.order) columns.push(decimal(logBackoff));
      lines.push(columns.join('\t'));
    }
  }
  return [...lines, '', '\\end\\', ''].join('\n');
}

/** A logarithm in nats, as one to base 10. */
function decimal(nats: number): string {
  return nats === -Infinity ? `${NEVER}` : (nats / Math.LN10).toFixed(6);
}
