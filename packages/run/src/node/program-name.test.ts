import { expect, it } from 'vitest';
import { programName } from './program-name.ts';

it('names the command of the workspace, and that of an installed package', () => {
  expect(programName('vae')).toBe('pnpm --filter vae');
  expect(programName('vae', 'file:///somewhere/dist/program-name.js')).toBe('npx motley-vae');
});
