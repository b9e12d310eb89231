import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { isBritish, RULES, violationsOf, type Rule, type Violation } from './style.ts';
import { root, workspaceFiles } from './workspace.ts';

/** Lines of a source that break a rule. */
const linesOf = (rule: Rule, ...lines: string[]): number[] =>
  violationsOf('src/example.ts', lines.join('\n')).flatMap((each) => (each.rule === rule ? [each.line] : []));

describe('the rules', () => {
  it('know comments that make a tool look away', () => {
    const lines = ['const a = b; // prettier-ignore', '// eslint-disable-next-line', "const text = 'prettier-ignore';"];
    expect(linesOf('no formatter or linter is told to look away', ...lines)).toEqual([1, 2]);
  });

  it('know members that are private by TypeScript alone', () => {
    const members = [
      'private a = 1;',
      '#b = 2;',
      'private constructor() {}',
      'protected c() {}',
      'protected update() {}',
    ];
    expect(linesOf('what is private is #private', 'class Example {', ...members, '}')).toEqual([2, 5]);
  });

  it('know literals that are spread', () => {
    const lines = [
      'f({ ...{ a: 1 } });',
      "g([...['a'], 1]);",
      'h({ ...(b && { a: 1 }) });',
      'h([...[1].map(String)]);',
    ];
    expect(linesOf('no literal is spread into a literal', ...lines)).toEqual([1, 2]);
  });

  it('know British identifiers, not prose', () => {
    const names = ['colourJitter', 'isGrey', 'centreX', 'initialiser', 'tokenised', 'labelledDigits', 'neighbours'];
    expect(names.filter((name) => !isBritish(name))).toEqual([]);
    const others = ['color', 'precise', 'noise', 'promise', 'concentrate', 'modeling', 'realistic', 'labelled-data'];
    expect(others.filter(isBritish)).toEqual(['labelled-data']);
    expect(linesOf('identifiers are in American spelling', "f('colour'); // grey", 'f({ colour: 1 });')).toEqual([2]);
  });

  it('know constants in the wrong case', () => {
    const wrong = ['const batchSize = 32;', "const names = ['a', 'b'] as const;", 'function f() { const SIZE = 2; }'];
    const right = [
      'const BATCH_SIZE = -32;',
      "const NAMES = ['a'] as const;",
      'const run = () => 1;',
      'let count = 0;',
    ];
    expect(linesOf('constants are in one case', ...wrong, ...right)).toEqual([1, 2, 3]);
  });

  it('know doc comments that begin with an unnamed thing', () => {
    const lines = [
      '/** What it is. */',
      '/** Of the draws. */',
      '/**',
      ' * What it is.',
      ' */',
      '/** Whatever it is. */',
    ];
    expect(linesOf('doc comments name the thing first', ...lines)).toEqual([1, 2, 3]);
  });
});

const files = workspaceFiles('packages', 'apps', 'tools', 'scripts', '*.ts', '*.js');
/** `packages/core`, `scripts`, `.` for the root. */
const placeOf = (file: string): string =>
  /^(?:packages|apps|tools)\/[^/]+/.exec(file)?.[0] ?? /^scripts/.exec(file)?.[0] ?? '.';

describe.each([...new Set(files.map(placeOf))])('%s', (place) => {
  const own = files.filter((file) => placeOf(file) === place);
  let violations: readonly (Violation & { readonly file: string })[];
  beforeAll(() => {
    violations = own
      .filter((file) => /\.[jt]s$/.test(file))
      .flatMap((file) => violationsOf(file, readFileSync(join(root, file), 'utf8')).map((each) => ({ ...each, file })));
  });

  it.each(RULES)('%s', (rule) => {
    const found = violations.filter((each) => each.rule === rule);
    expect(found.map(({ file, line, text }) => `${file}:${line}: ${text}`)).toEqual([]);
  });

  it('has file names in American spelling', () => {
    expect(own.filter(isBritish)).toEqual([]);
  });
});
