import { describe, expect, it } from 'vitest';
import { allowedDependencies, importsOf, isSystem, workspacePackages, type WorkspacePackage } from './workspace.ts';

const packages = workspacePackages();
const isTest = (file: string) => /\.test\.ts$|(^|\/)testing\//.test(file);
const sources = ({ files }: WorkspacePackage) => files.filter((file) => /^src\/.*\.ts$/.test(file));

it('finds the packages', () => {
  const names = packages.map(({ manifest }) => manifest.name);
  expect(names).toEqual(expect.arrayContaining(['@motley/tensorflow', '@motley/core', '@motley/vae', '@motley/bench']));
});

describe.each(packages.map((each) => [each.path, each] as const))('%s', (_, each) => {
  const { manifest, files, read } = each;

  it('has a licence, a floor for Node, a README, and the usual scripts', () => {
    expect(manifest).toMatchObject({
      license: 'Apache-2.0',
      engines: { node: '>=20.19' },
      scripts: { typecheck: 'tsc', lint: expect.any(String) as string, test: 'vitest run' },
    });
    expect(files).toContain('README.md');
  });

  it('has file names in kebab-case, and no file that needs a map to read', () => {
    const misnamed = sources(each).filter((file) => !/^src(\/[a-z0-9]+(-[a-z0-9]+)*)+(\.(test|d))?\.ts$/.test(file));
    expect(misnamed).toEqual([]);
    const long = sources(each).filter((file) => read(file).split('\n').length > 420);
    expect(long).toEqual([]);
  });

  it('depends only on what is below it, and reaches into no neighbour', () => {
    const allowed = allowedDependencies(each);
    const isApp = each.path.startsWith('apps/');
    const wanted = Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith('@motley/'));
    if (!isApp) expect(wanted.filter((name) => !allowed.includes(name))).toEqual([]);
    for (const file of sources(each)) {
      const foreign = importsOf(read(file)).filter(
        (name) => /^@motley\/.*\/(src|dist)\//.test(name) || (name.startsWith('.') && escapes(file, name)),
      );
      expect({ file, foreign }).toEqual({ file, foreign: [] });
    }
  });

  it('skips no test without a reason that the report shows', () => {
    const only = files.filter((file) => isTest(file) && /\b(it|test|describe)\.(only|todo)\b/.test(read(file)));
    expect(only).toEqual([]);
  });
});

/** Whether a relative import leaves the package. */
function escapes(file: string, name: string): boolean {
  const depth = file.split('/').length - 1;
  const up = name.split('/').filter((part) => part === '..').length;
  return up > depth;
}

describe.each(packages.filter(isSystem).map((each) => [each.path, each] as const))('%s, a system', (_, each) => {
  const { manifest, files, read } = each;

  it('has the files that every system has', () => {
    const wanted = ['index', 'config', 'data', 'model', 'loss', 'train', 'evaluate', 'cli'].map(
      (name) => `src/${name}.ts`,
    );
    expect(files).toEqual(expect.arrayContaining(wanted));
    expect(files.some((file) => ['src/predict.ts', 'src/sample.ts'].includes(file))).toBe(true);
    expect(files.some((file) => isTest(file))).toBe(true);
  });

  it('has the commands that every system has', () => {
    const scripts = Object.keys(manifest.scripts ?? {});
    expect(scripts).toEqual(expect.arrayContaining(['build', 'train', 'evaluate', 'figures']));
    expect(scripts.some((name) => ['predict', 'sample'].includes(name))).toBe(true);
  });

  it('has a demo, which browsers take as it is', () => {
    expect(files).toContain('src/demo.ts');
    expect(manifest.exports?.['./demo']).toEqual({
      '@motley/source': './src/demo.ts',
      types: './dist/demo.d.ts',
      default: './dist/demo.js',
    });
    expect(read('src/demo.ts')).toContain('export default defineDemo(');
    expect(read('src/browser.test.ts')).toContain("'demo'");
  });

  it('exports by name, and nothing else', () => {
    const statements = read('src/index.ts')
      .replaceAll(/\/\*[\s\S]*?\*\//g, '')
      .split(';');
    const others = statements
      .map((text) => text.trim())
      .filter((text) => text && !/^export (type )?\{[^}]*\} from '/.test(text));
    expect(others).toEqual([]);
  });

  it('keeps what a browser runs free of Node', () => {
    for (const file of ['src/config.ts', 'src/model.ts', 'src/loss.ts', 'src/predict.ts', 'src/demo.ts'].filter(
      (name) => files.includes(name),
    )) {
      const bad = importsOf(read(file)).filter((name) => name.startsWith('node:') || name.endsWith('/node'));
      expect({ file, bad }).toEqual({ file, bad: [] });
    }
  });

  it('imports no other system', () => {
    const systems = packages.filter(isSystem).map((other) => other.manifest.name);
    for (const file of sources(each)) {
      const others = importsOf(read(file)).filter((name) => systems.includes(name) && name !== manifest.name);
      expect({ file, others }).toEqual({ file, others: [] });
    }
  });

  it('has a README with a table of results and a picture', () => {
    const readme = read('README.md');
    expect(readme).toMatch(/\|\s*-+/);
    expect(readme).toMatch(/!\[[^\]]+\]\([^)]+\)/);
    expect(readme).toMatch(new RegExp(`pnpm --filter ${each.path.split('/')[1]!} train`));
  });
});
