import { largest } from '@motley/run';
/** A parsed einsum expression. */
interface Expression {
  /** A label for each axis of each operand. Axes that an ellipsis covers are labeled `0`, `1`, … from the right. */
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/** An expression with the size of each label. */
export interface SizedExpression extends Expression {
  readonly sizes: ReadonlyMap<string, number>;
}

/**
 * Parses an expression such as `bij,bjk->bik` as `numpy.einsum` does. Without `->` the output has the labels that occur
 * once, in alphabetical order. `...` covers the axes without a letter.
 * @throws RangeError where the expression is malformed or does not fit the operands
 */
export function parseExpression(text: string, shapes: readonly (readonly number[])[]): SizedExpression {
  const fail = (problem: string): never => {
    throw new RangeError(`einsum "${text}": ${problem}`);
  };
  const [inputs = '', output, ...more] = text.replaceAll(' ', '').split('->');
  if (more.length > 0) fail('expected at most one "->"');
  const terms = inputs.split(',');
  if (terms.length !== shapes.length) fail(`expected ${terms.length} operands, got ${shapes.length}`);
  const ellipsisRanks = terms.map((term, index) => {
    const letters = term.replace('...', '');
    checkLetters(letters, fail);
    const rank = shapes[index]!.length;
    const hidden = rank - letters.length;
    if (term === letters ? hidden !== 0 : hidden < 0)
      fail(`expected ${letters.length} axes of operand ${index} for "${term}", got ${rank}`);
    return hidden;
  });
  const hiddenLabels = Array.from({ length: Math.max(0, largest(ellipsisRanks)) }, (_, index) =>
    String(index),
  ).reverse();
  const labelsOf = (term: string, hidden: number): string[] => {
    const at = term.indexOf('...');
    if (at < 0) return Array.from(term);
    return [
      ...Array.from(term.slice(0, at)),
      ...hiddenLabels.slice(hiddenLabels.length - hidden),
      ...Array.from(term.slice(at + 3)),
    ];
  };
  const operands = terms.map((term, index) => labelsOf(term, ellipsisRanks[index]!));
  const sizes = sizesOf(operands, shapes, fail);
  if (output === undefined) return { operands, output: impliedOutput(terms, hiddenLabels), sizes };

  checkLetters(output.replace('...', ''), fail);
  if (hiddenLabels.length > 0 && !output.includes('...')) fail('expected "..." in the output, as in the operands');
  const labels = labelsOf(output, hiddenLabels.length);
  for (const [index, label] of labels.entries()) {
    if (labels.indexOf(label) !== index) fail(`expected "${label}" once in the output`);
    if (!sizes.has(label)) fail(`expected "${label}" of the output in an operand`);
  }
  return { operands, output: labels, sizes };
}

function checkLetters(term: string, fail: (problem: string) => never): void {
  const wrong = /[^a-zA-Z]/.exec(term);
  if (wrong !== null) fail(`expected letters, "," and one "..." a term, got "${wrong[0]}" in "${term}"`);
}

function impliedOutput(terms: readonly string[], hiddenLabels: readonly string[]): string[] {
  const letters = Array.from(terms.join('').replaceAll('.', ''));
  return [...hiddenLabels, ...letters.filter((each) => letters.indexOf(each) === letters.lastIndexOf(each)).sort()];
}

/** Size of each label. Axes of size 1 are broadcast, except along a diagonal. */
function sizesOf(
  operands: readonly (readonly string[])[],
  shapes: readonly (readonly number[])[],
  fail: (problem: string) => never,
): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const [operand, labels] of operands.entries()) {
    for (const [axis, label] of labels.entries()) {
      const size = shapes[operand]![axis]!;
      const diagonal = shapes[operand]![labels.indexOf(label)]!;
      if (size !== diagonal)
        fail(`expected ${diagonal} along axis ${axis} of operand ${operand} ("${label}" again), got ${size}`);
      const known = sizes.get(label) ?? 1;
      if (known !== 1 && size !== 1 && size !== known)
        fail(`expected ${known} along axis ${axis} of operand ${operand} ("${label}"), got ${size}`);
      sizes.set(label, known === 1 ? size : known);
    }
  }
  return sizes;
}
