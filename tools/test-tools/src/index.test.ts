import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bundleForBrowser } from './bundles.ts';
import { describeInBrowser, modulesLoadedWith, runProgram } from './index.ts';

const testing = join(import.meta.dirname, 'testing');
const program = join(testing, 'program.ts');

describe('a program', () => {
  it('is run where it is told to, without what pnpm says of the tests', async () => {
    const cwd = realpathSync(tmpdir());
    const ended = await runProgram(program, ['one'], { cwd, environment: { OWN: 'yes' } });
    expect(ended).toEqual({ status: 3, output: `${cwd} undefined yes\n`, errors: 'got one\n' });
  });

  it('reads what is given to it', async () => {
    const { status, output } = await runProgram(program, ['read'], { input: 'read me' });
    expect([status, output.split('\n').at(-1)]).toEqual([3, 'read me']);
  });

  it('can be ended when it has said something', async () => {
    const { status, errors } = await runProgram(program, ['wait'], {
      onOutput: (text, child) => {
        if (text.includes('got wait')) child.kill('SIGKILL');
      },
    });
    expect([status, errors]).toEqual([null, 'got wait\n']);
  });
});

describeInBrowser(testing, ['sum']);

it('a module that reads files is not for a browser', async () => {
  await expect(bundleForBrowser(join(testing, 'reads-files.ts'))).rejects.toThrow('node:fs');
});

it('what loads with a module is its imports, not what it may ask for later', async () => {
  const entry = join(testing, 'reads-files.ts');
  expect(await modulesLoadedWith(entry)).toEqual([entry, 'node:fs']);
  const own = await modulesLoadedWith(import.meta.filename);
  expect(own).toEqual(expect.arrayContaining([join(import.meta.dirname, 'bundles.ts'), 'node:os']));
});
