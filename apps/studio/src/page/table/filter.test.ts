import { expect, it } from 'vitest';
import { makeRow, systems } from '../testing/made-runs.ts';
import { fieldOf } from './fields.ts';
import { parseFilter } from './filter.ts';
import { tableLines } from './rows.ts';

const byName = new Map(systems.map((system) => [system.name, system]));
const rows = Array.from({ length: 60 }, (_, index) => makeRow(index));
const found = (text: string): string[] => {
  const { test, error } = parseFilter(text);
  if (test === undefined) throw new Error(error);
  return rows.filter((row) => test(row, byName)).map(({ id }) => id);
};

it('compares fields where they differ, and by the preset or the default where they do not', () => {
  expect(fieldOf(rows[0]!, 'training.learningRate', byName)).toBe(0.003);
  expect(fieldOf(rows[1]!, 'training.learningRate', byName)).toBe(0.001);
  const epochs = (id: string): unknown =>
    fieldOf(
      rows.find((row) => row.id === id)!,
      'training.epochs',
      byName,
    );
  expect(found('training.epochs > 3').length).toBe(60);
  expect(found('training.epochs>=10').every((id) => Number(epochs(id)) >= 10)).toBe(true);
  expect(found('training.epochs = 4').map(epochs)).toEqual(found('training.epochs = 4').map(() => 4));
});

it('finds metrics with and without their split', () => {
  expect(found('validation/loss < 0.4')).toEqual(found('loss < 0.4'));
  expect(found('loss < 0.4').length).toBeGreaterThan(0);
});

it('joins by and, or, not and parentheses', () => {
  const vae = found('system = vae');
  expect(found('system = vae status = completed').length).toBeLessThan(vae.length);
  expect(found('not system = vae').length + vae.length).toBe(60);
  expect(found('(system = vae or system = char-rnn) and is:starred')).toEqual(
    found('is:starred').filter((id) => /^(vae|char-rnn)/.test(id)),
  );
  expect(found('"bold</b> & "')).toEqual(['transformer-2']);
  expect(found('study = none').length).toBe(54);
});

it.each([
  ['loss <', 'a value is missing after loss <'],
  ['< 3', 'a name is missing before <'],
  ['(a', 'a parenthesis has no end: add )'],
  ['a)', 'a parenthesis was closed that was not opened'],
  ['"a', 'a quote has no end: add "'],
  ['a or', 'something is missing beside "or", "not" or a parenthesis'],
  ['not', 'something is missing after "not"'],
  ['is:odd', 'is:odd is unknown: expected starred, away, foreign, faulty, better'],
])('says what is wrong with %s', (text, error) => {
  expect(parseFilter(text).error).toBe(error);
});

it('reads what is like a member of every object as a name', () => {
  expect(found('constructor = x')).toEqual([]);
  expect(parseFilter('is:constructor').error).toContain('is:constructor is unknown');
});

it('sorts with what is missing last, and groups with closed groups counted', () => {
  const view = { search: '', sort: 'study', group: 'none', closed: new Set<string>(), isAwayShown: true } as const;
  const { lines } = tableLines(rows, view, byName);
  expect(lines.map((line) => (line.kind === 'run' ? line.row.study : '')).indexOf(null)).toBe(6);
  const grouped = tableLines(rows, { ...view, group: 'system', closed: new Set(['vae']) }, byName);
  expect(grouped.lines.filter(({ kind }) => kind === 'group').length).toBe(5);
  expect(grouped.lines.filter((line) => line.kind === 'run' && line.row.system === 'vae')).toEqual([]);
  expect(grouped.found.length).toBe(60);
  expect(tableLines(rows, { ...view, isAwayShown: false }, byName).found.length).toBe(57);
});
