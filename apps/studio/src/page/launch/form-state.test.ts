import { expect, it } from 'vitest';
import { fields, makeDetail, makeRow, systems } from '../testing/made-runs.ts';
import { checkForm, forkQuery, parseEntry, readForm, searchOf, usualValue } from './form-state.ts';

const field = (path: string) => fields.find((each) => each.path === path)!;

it.each([
  ['training.epochs', '4', 4, undefined],
  ['training.epochs', '0', undefined, 'expected at least 1'],
  ['training.epochs', '1.5', undefined, 'expected a whole number'],
  ['training.epochs', '', undefined, 'expected a number'],
  ['training.epochs', 'null', undefined, 'expected a number'],
  ['training.learningRate', '1e-3', 0.001, undefined],
  ['training.learningRate', 'Infinity', undefined, 'expected a number'],
  ['training.optimizer', 'lamb', undefined, 'expected adam, sgd, adamw'],
  ['model.hiddenSizes', '[1, 2]', [1, 2], undefined],
  ['model.hiddenSizes', '{}', undefined, 'expected a list such as [512, 256]'],
  ['model.hiddenSizes', '[', undefined, 'expected a list such as [512, 256]'],
  ['model.isNormalized', 'true', true, undefined],
  ['model.isNormalized', 'yes', undefined, 'expected true or false'],
])('%s as %j', (path, text, value, error) => {
  expect(parseEntry(field(path), text)).toEqual(error === undefined ? { value } : { error });
});

it('takes the preset’s value before the default', () => {
  expect(usualValue(field('training.learningRate'), 'small')).toBe(0.003);
  expect(usualValue(field('training.learningRate'), 'paper')).toBe(0.001);
});

it('knows searches of a sweep', () => {
  expect(['1,2', '0..1', 'log:1e-4..1', '[1, 2]', '3'].map(searchOf)).toEqual([
    'grid',
    'random',
    'random',
    undefined,
    undefined,
  ]);
});

it('asks for what differs alone, and fills the form of a fork with it', () => {
  const row = makeRow(5);
  const query = forkQuery(makeDetail(row, 10));
  expect(query).toEqual({ system: 'vae', 'set.training.epochs': '4', 'set.training.learningRate': '0.0003' });
  const form = readForm({ path: ['launch'], query });
  expect(checkForm(form, systems[0]!)).toEqual({
    errors: {},
    request: {
      system: 'vae',
      command: 'train',
      settings: { 'training.epochs': 4, 'training.learningRate': 0.0003 },
    },
  });
  const wrong = readForm({ path: [], query: { 'set.no.such': '1', command: 'sweep', runs: '0' } });
  expect(Object.keys(checkForm(wrong, systems[0]!).errors)).toEqual(['no.such', 'runs']);
});

it('takes counts and a small trial as the command has them', () => {
  const request = (query: Record<string, string>) => checkForm(readForm({ path: [], query }), systems[0]!);
  expect(request({ command: 'study', study: 'seeds', seeds: '5', limit: '0', runs: '3', fast: '1' })).toEqual({
    errors: {},
    request: { system: 'vae', command: 'study', settings: {}, isFast: true, study: 'seeds', seeds: 5, limit: 0 },
  });
  const swept = request({ command: 'sweep', 'set.training.epochs': '1,2', parallel: '2', seeds: '9' }).request;
  expect(swept.search).toEqual({ grid: { 'training.epochs': '1,2' }, random: {}, parallel: 2 });
  expect(request({ command: 'study', seeds: '1.5', limit: '-1' }).errors).toEqual({
    seeds: 'expected a whole number of at least 1',
    limit: 'expected a whole number of at least 0',
  });
});
