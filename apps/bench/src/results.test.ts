import { describe, expect, it } from 'vitest';
import { markdownTable, meanRatio, ratioTo, type Results, stepOf, toMarkdown } from './results.ts';

const spread = (median: number) => ({ median, min: median / 2, max: median * 2 });

describe('stepOf', () => {
  it("takes the fastest peer's median over ours", () => {
    expect(stepOf('add', spread(2), { slow: spread(10), fast: spread(3) }).ratio).toBe(1.5);
  });

  it('has no ratio without a peer', () => {
    expect(stepOf('add', spread(2), {}).ratio).toBeNull();
  });
});

it('meanRatio skips steps without a peer', () => {
  expect(meanRatio([4, null, 1])).toBeCloseTo(2, 12);
  expect(meanRatio([null])).toBeNull();
});

it('ratioTo compares with the fastest of the given peers, and is null without a ratio', () => {
  const step = stepOf('a', spread(2), { Keras: spread(1), PyTorch: spread(8), 'torch.compile': spread(6) });
  expect(ratioTo(step, ['PyTorch', 'torch.compile'])).toBe(3);
  expect(ratioTo(step, ['tfjs-node'])).toBeNull();
  expect(ratioTo({ ...step, ratio: null }, ['PyTorch'])).toBeNull();
});

it('markdownTable pads its columns and aligns numbers to the right', () => {
  expect(
    markdownTable(
      ['', 'time'],
      [
        ['add', '1'],
        ['matMul', '12345'],
      ],
    ),
  ).toBe(['|        |  time |', '| ------ | ----: |', '| add    |     1 |', '| matMul | 12345 |'].join('\n'));
});

describe('toMarkdown', () => {
  const results: Results = {
    title: 'Eager',
    date: '2026-01-02T03:04Z',
    command: 'pnpm bench eager',
    machine: { model: 'Some CPU', cores: 2, features: 'AVX2' },
    versions: { TensorFlow: '2.21.0' },
    missing: {},
    method: 'Timed.',
    repeats: 3,
    steps: [stepOf('add', { median: 0.002, min: 0.0015, max: 1.2346 }, { 'add-on': spread(0.003) })],
  };

  it('shows medians and extremes in the unit, the ratio and its mean', () => {
    const page = toMarkdown(results, 'µs');
    expect(page).toContain('2.00 (1.50–1,235)');
    expect(page).toContain('3.00 (1.50–6.00) |     1.50 |');
    expect(page).toContain('**1.50**');
    expect(page).toContain('- Some CPU, 2 cores, AVX2\n- TensorFlow 2.21.0\n');
    expect(toMarkdown(results, 'ms')).toContain('0.00200 (0.00150–1.23)');
  });

  it('has a second ratio and its mean for the peers of the bar', () => {
    const steps = [
      stepOf('a', spread(1), { PyTorch: spread(4), Keras: spread(2) }),
      stepOf('b', spread(1), { PyTorch: spread(1), Keras: spread(8) }),
    ];
    const page = toMarkdown({ ...results, steps, bar: { name: 'PyTorch', peers: ['PyTorch'] } }, 'ms');
    expect(page).toMatch(/\| ratio to PyTorch \|\n/);
    expect(page).toMatch(/^\| a .* 2\.00 \| +4\.00 \|$/m);
    expect(page).toMatch(/^\| \*\*geometric mean\*\* .* \*\*1\.41\*\* \| +\*\*2\.00\*\* \|$/m);
  });

  it('shows the reason in the cell of a missing peer', () => {
    const alone = {
      ...results,
      steps: [stepOf('add', spread(1), {})],
      missing: { 'add-on': 'not built: pnpm bench setup' },
    };
    expect(toMarkdown(alone, 'ms')).toMatch(/\| add .*\| not built: pnpm bench setup \| +– \|/);
  });
});
