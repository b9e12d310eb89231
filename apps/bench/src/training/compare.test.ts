import { describe, expect, it } from 'vitest';
import { disagreements } from './compare.ts';

const worker = (name: string, losses: number[]) => ({ name, ready: { losses } });

describe('disagreements', () => {
  const ours = worker('compiled', [10, 8, 6]);

  it('takes losses that differ by rounding', () => {
    expect(disagreements([ours, worker('PyTorch', [10.001, 7.9999, 6])], 1e-3)).toEqual([]);
  });

  it.each([
    [[10, 8, 6.01], 'PyTorch: loss 6.01 at step 3, ours is 6: it does not compute the same'],
    [[10, NaN, 6], 'PyTorch: loss NaN at step 2, ours is 8: it does not compute the same'],
    [[10, 8], 'PyTorch: loss undefined at step 3, ours is 6: it does not compute the same'],
  ])('names the step at which a peer with losses %j is another', (losses, line) => {
    expect(disagreements([ours, worker('PyTorch', losses)], 1e-3)).toEqual([line]);
  });
});
