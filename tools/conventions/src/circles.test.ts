import { describe, expect, it } from 'vitest';
import { circlesOf } from './circles.ts';
import { workspacePackages } from './workspace.ts';

describe('circlesOf', () => {
  it('finds modules that import each other, types included', () => {
    const sources = new Map([
      ['src/a.ts', "import type { B } from './deep/b.ts';\nimport { z } from 'zod';\n"],
      ['src/deep/b.ts', "import { c } from '../c.ts';\n"],
      ['src/c.ts', "export { a } from './a.ts';\n"],
      ['src/d.ts', "import { a } from './a.ts';\n"],
    ]);
    expect(circlesOf(sources)).toEqual([['src/a.ts', 'src/c.ts', 'src/deep/b.ts']]);
    sources.set('src/c.ts', '');
    expect(circlesOf(sources)).toEqual([]);
  });
});

it.each(workspacePackages().map((each) => [each.path, each] as const))('%s has no circles', (_, { files, read }) => {
  const sources = new Map(files.filter((file) => file.endsWith('.ts')).map((file) => [file, read(file)]));
  expect(circlesOf(sources)).toEqual([]);
});
