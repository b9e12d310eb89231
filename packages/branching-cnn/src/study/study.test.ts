import { describe, expect, it } from 'vitest';
import { config } from '../config.ts';
import { labelTree } from '../trees.ts';
import { PIECES, VARIANTS } from './pieces.ts';
import { table } from './table.ts';

describe('the study', () => {
  it('has three seeds of each variant, each a training that the command line takes', () => {
    expect(new Set(PIECES.map(({ name }) => name)).size).toBe(3 * Object.keys(VARIANTS).length);
    for (const { arguments: given } of PIECES) {
      const valueOf = (flag: string): string[] =>
        given.flatMap((each, index) => (given[index - 1] === flag ? [each] : []));
      const { data, model } = config.resolve({ preset: valueOf('--preset')[0], set: valueOf('--set') });
      const { members } = labelTree(data.kind, data.groups);
      expect(model.normalization === 'group' || members.length === 1).toBe(true);
    }
  });

  it('tells means with their deviations, and what there is none of', () => {
    const result = (variant: string, accuracy: number) => ({ variant, test: { accuracy, loss: 0.03, multiplyAddsPerImage: 2.25e6 }, samplesPerSecond: 1000 }); // prettier-ignore
    const lines = table([result('a', 0.992), result('a', 0.99), result('b', 0.5)], { a: 'first', b: 'second', c: 'none' }).split('\n'); // prettier-ignore
    expect(lines).toHaveLength(4);
    expect(lines[2]).toMatch(
      /^\| first \| 2 \| 99\.10 ± 0\.14 \| – \| – \| – \| 0\.0300 ± 0\.0000 \| 2\.25 ± 0\.00 \| 1000 \|$/,
    );
    expect(lines[3]).toMatch(/^\| second \| 1 \| 50\.00 \|/);
  });
});
