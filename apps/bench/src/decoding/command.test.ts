import { expect, it } from 'vitest';
import { stepOf, type Results } from '../results.ts';
import { tokensPerSecond } from './command.ts';

const spread = (median: number) => ({ median, min: median, max: median });

it('tokensPerSecond counts 100 symbols of each sentence of the batch', () => {
  const results: Results = {
    title: '',
    date: '',
    command: '',
    machine: { model: '', cores: 1, features: '' },
    versions: {},
    missing: {},
    method: '',
    repeats: 1,
    steps: [stepOf('Decoding-1', spread(50), { PyTorch: spread(200) }), stepOf('Decoding-32', spread(100), {})],
  };
  const table = tokensPerSecond(results);
  expect(table).toMatch(/^\| Decoding-1 +\| +2,000 \| +500 \|$/m);
  expect(table).toMatch(/^\| Decoding-32 +\| +32,000 \| +– \|$/m);
});
