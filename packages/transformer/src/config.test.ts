import { largest } from '@motley/run';
import { expect, it } from 'vitest';
import { config } from './config.ts';
import { isPlayground } from './create-model.ts';
import { openProblem } from './problem.ts';
import { studies } from './study.ts';

it.each(Object.keys(config.presets))('preset %s is complete, and has a fast variant', (preset) => {
  for (const fast of [false, true]) {
    const { data, model } = config.resolve({ preset, fast });
    expect(largest(data.bucketBoundaries)).toBeGreaterThanOrEqual(data.maxSymbols);
    expect(model.maxLength).toBeGreaterThanOrEqual(largest(data.bucketBoundaries));
    expect(model.width % model.heads).toBe(0);
    expect(model.kind).toBe(data.source === 'characters' ? 'decoder' : 'encoder-decoder');
  }
});

it.each(
  Object.entries(studies).flatMap(([study, { variants }]) =>
    Object.entries(variants).map(([name, variant]) => ({ study, name, variant })),
  ),
)('the variant $name of the study $study is a configuration', ({ study, variant: { preset, config: own = {} } }) => {
  const { data } = config.resolve({ preset, file: { name: 'study', text: JSON.stringify(own) } });
  expect(isPlayground(data.source)).toBe(study === 'playground');
});

it.each([
  [['data.maxSymbols=64'], /^data\.maxSymbols: expected at most the longest bucket, 48, got 64$/],
  [['model.maxLength=40'], /^data\.bucketBoundaries: expected at most model\.maxLength, 40, got 48$/],
  [['model.kind=decoder'], /^model\.kind: expected encoder-decoder for data\.source grammar, got decoder$/],
  [['data.source=characters'], /^model\.kind: expected decoder for data\.source characters, got encoder-decoder$/],
  [
    ['data.sentences=50', 'data.heldOut=5', 'data.merges=10', 'model.maxLength=48'],
    /^model\.maxLength: expected at least \d+, the length of the longest \w+ sentence with its end symbol, got 48$/,
  ],
])('%j is an error of one line', async (set, message) => {
  await expect(openProblem(config.resolve({ set }))).rejects.toThrow(message);
});

it('toy tasks refuse --data', async () => {
  await expect(openProblem(config.resolve({ preset: 'copy' }), 'x')).rejects.toThrow(
    '--data: expected data.source dictionary or multi30k, got copy, which reads no file',
  );
});
