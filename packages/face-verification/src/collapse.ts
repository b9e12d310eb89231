import type { FaceVerificationConfig } from './config.ts';

/** Mean cosine of two pictures of a batch from which they count as the same. */
const ALIKE = 0.97;
/** Mean length of embeddings below which a linear classifier cannot tell people apart: new ones have 1, trained ones 5. */
const SHORT = 0.5;

/** One line where embeddings collapse into one point, by the metrics of a training; undefined where they do not. */
export function collapseOf(
  { alike, length }: Readonly<Record<string, number>>,
  { kind, centerWeight }: FaceVerificationConfig['loss'],
): string | undefined {
  const isAlike = alike !== undefined && alike > ALIKE;
  // Losses with a margin see directions alone.
  const isShort = (kind === 'softmax' || kind === 'center') && length !== undefined && length < SHORT;
  if (!isAlike && !isShort) return undefined;
  const found = isShort
    ? `their mean length is ${length.toFixed(3)}`
    : `two of them have a mean cosine of ${alike!.toFixed(3)}`;
  const cure =
    kind === 'center'
      ? `lower loss.centerWeight, now ${centerWeight}`
      : 'lower training.learningRate, or lengthen its warm-up';
  return `the embeddings collapse into one point, ${found}: ${cure}`;
}
