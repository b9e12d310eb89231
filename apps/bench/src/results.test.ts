import { describe, expect, it } from 'vitest';
import { markdownTable, meanRatio, type Results, stepOf, toMarkdown } from './results.ts';

const spread = (median: number) => ({ median, min: median / 2, max: median * 2 });

describe('stepOf', () => {
  it("takes the fastest peer's median over ours", () => {
    expect(stepOf('add', spread(2), { slow: spread(10), fast: spread(3) }).ratio).toBe(1.5);
  });

  it('has no ratio without a peer', () => {
    expect(stepOf('add', spread(2), {}).ratio).toBeNull();
  });
});

it('meanRatio passes over steps that no peer ran', () => {
  const steps = [stepOf('a', spread(1), { peer: spread(4) }), stepOf('b', spread(1), {})];
  expect(meanRatio(steps)).toBeCloseTo(4, 12);
  expect(meanRatio([steps[1]!])).toBeNull();
});

it('markdownTable pads its columns, numbers to the right', () => {
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

  it('says why a peer is missing where its time would be', () => {
    const alone = {
      ...results,
      steps: [stepOf('add', spread(1), {})],
      missing: { 'add-on': 'not built: pnpm bench setup' },
    };
    expect(toMarkdown(alone, 'ms')).toMatch(/\| add .*\| not built: pnpm bench setup \| +– \|/);
  });
});
