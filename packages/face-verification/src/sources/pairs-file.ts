import { UserError } from '@motley/run';

/** A picture of a pairs file: the person, and the number of the picture, from 1. */
interface Named {
  readonly name: string;
  readonly number: number;
}

export interface NamedFold {
  readonly same: readonly (readonly [Named, Named])[];
  readonly different: readonly (readonly [Named, Named])[];
}

const MAX_FOLDS = 1000;
const MAX_PAIRS = 1_000_000;

/**
 * Reads LFW's `pairs.txt` (view 2): a line with the number of folds and of pairs of each kind, then for each fold lines
 * `name n₁ n₂` of one person and lines `name₁ n₁ name₂ n₂` of two.
 * @throws UserError naming the line that does not fit
 */
export function parsePairsFile(text: string, where: string): NamedFold[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  let at = 0;
  const refuse = (expected: string): never => {
    throw new UserError(`${where}:${at + 1}: expected ${expected}, found "${(lines[at] ?? '').slice(0, 80)}"`);
  };
  const whole = (part: string | undefined): number =>
    part !== undefined && /^[1-9]\d{0,6}$/.test(part) ? Number(part) : NaN;
  const parts = () => (lines[at] ?? '').split(/\s+/).filter((part) => part !== '');
  const [folds, pairs] = parts().map(whole) as [number, number];
  if (parts().length !== 2 || !(folds <= MAX_FOLDS) || !(pairs * folds <= MAX_PAIRS))
    refuse('the number of folds and of pairs of each kind');
  const named = (name: string | undefined, number: string | undefined): Named => {
    if (name === undefined || name === '.' || name === '..' || /[/\\]/.test(name) || Number.isNaN(whole(number)))
      return refuse('names of people, each with a number from 1');
    return { name, number: whole(number) };
  };
  return Array.from({ length: folds }, () => {
    const read = (kind: 'one person' | 'two people') =>
      Array.from({ length: pairs }, () => {
        at++;
        const [first, a, ...rest] = parts();
        const wanted = kind === 'one person' ? 1 : 2;
        if (rest.length !== wanted) refuse(`pictures of ${kind}`);
        return [named(first, a), kind === 'one person' ? named(first, rest[0]) : named(rest[0], rest[1])] as const;
      });
    return { same: read('one person'), different: read('two people') };
  });
}
