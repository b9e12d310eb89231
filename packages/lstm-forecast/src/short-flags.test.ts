import { describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { withShortFlags } from './short-flags.ts';

describe('short flags', () => {
  it('set the fields of a CSV, and leave other arguments alone', () => {
    const argv = withShortFlags([
      'train',
      '--target',
      'y',
      '--seed',
      '3',
      '--time=t',
      '--horizon',
      '12',
      '--gaps',
      'previous',
      '--duplicates',
      'mean',
      '--frequency=business-days',
    ]);
    expect(argv.filter((_, index) => argv[index - 1] !== '--set' && argv[index] !== '--set')).toEqual([
      'train',
      '--seed',
      '3',
    ]);
    const { data, model } = config.resolve({ set: argv.filter((_, index) => argv[index - 1] === '--set') });
    expect(data).toMatchObject({ problem: 'csv', target: 'y', time: 't', gaps: 'previous' });
    expect(data).toMatchObject({ duplicates: 'mean', frequency: 'business-days' });
    expect(model.horizon).toBe(12);
  });

  it('keep spaces and equals signs in values', () => {
    expect(withShortFlags(['--target', 'a = b'])).toEqual(['--set', 'data.problem=csv', '--set', 'data.target=a = b']);
  });

  it.each([['--target'], ['--time=']])('%s without a value is an error of one line', (argument) => {
    expect(() => withShortFlags(['train', argument])).toThrow(/^--(target|time): expected a value, got none$/);
  });
});
