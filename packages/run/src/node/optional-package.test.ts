import { expect, it } from 'vitest';
import { UserError } from '../config/errors.ts';
import { optionalPackages } from './optional-package.ts';

const { load, folder } = optionalPackages(import.meta.url, 'Figures', ['echarts', 'no-such-package']);

it('loads a package that is installed', () => {
  expect(load('echarts')).toHaveProperty('init');
  expect(folder('echarts')).toMatch(/echarts$/);
});

it('asks for a package that is not installed by a command', () => {
  const message =
    'Figures need packages that are not installed, no-such-package for one: npm install echarts no-such-package';
  expect(() => load('no-such-package')).toThrow(new UserError(message));
  expect(() => folder('no-such-package')).toThrow(new UserError(message));
});
