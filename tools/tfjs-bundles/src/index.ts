import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import * as tfjs from '@tensorflow/tfjs-core';
import { build, type Plugin } from 'esbuild';

const CORE = '@tensorflow/tfjs-core';

/** Modules of tfjs-core that are bundled as they are: they register something, and export nothing of use. */
const REGISTERING = /^(gradients|public)\/|^register_all/;

/** The licence, and what the modules expect of CommonJS in Node. */
const BANNER = `// From TensorFlow.js, Copyright Google LLC, under the Apache License 2.0.
import { createRequire as makeRequire } from 'node:module';
const require = makeRequire(import.meta.url);
const __dirname = import.meta.dirname;
const __filename = import.meta.filename;`;

/** Inner names of tfjs-core whose state must be that of the loaded tfjs-core. */
const SUBSTITUTES: Readonly<Record<string, string>> = {
  'engine.js': `import { engine } from '${CORE}'; export const ENGINE = engine();`,
  'tensor.js': `import { Tensor } from '${CORE}'; export const getGlobalTensorClass = () => Tensor;`,
};

/**
 * Bundles modules of TensorFlow.js into one ES module that imports tfjs-core. Names that tfjs-core exports are imported
 * from it, so that there is one copy; inner helpers without state are bundled.
 *
 * @param entry source of a module that imports those of TensorFlow.js
 * @param outfile file to write
 */
export async function bundleTfjs(entry: string, outfile: string): Promise<void> {
  await build({
    stdin: { contents: entry, resolveDir: process.cwd() },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    target: 'es2022',
    minifyWhitespace: true,
    legalComments: 'eof',
    logLevel: 'error',
    banner: { js: BANNER },
    plugins: [oneCore()],
  });
}

/** Takes what tfjs-core exports from tfjs-core, and the rest of its modules from their files. */
function oneCore(): Plugin {
  const dist = join(dirname(createRequire(import.meta.url).resolve(`${CORE}/package.json`)), 'dist');
  return {
    name: 'one-core',
    setup(esbuild) {
      esbuild.onResolve({ filter: /^@tensorflow\/tfjs-core$/ }, () => ({ path: CORE, external: true }));
      esbuild.onResolve({ filter: /^inner:/ }, ({ path }) => ({
        path: path.slice('inner:'.length),
        namespace: 'inner',
        sideEffects: false,
      }));
      esbuild.onResolve({ filter: /^\./, namespace: 'inner' }, ({ path, importer, kind }) =>
        esbuild.resolve(path, { resolveDir: dirname(importer), kind }),
      );
      esbuild.onLoad({ filter: /./, namespace: 'inner' }, async ({ path }) => ({
        contents: SUBSTITUTES[moduleIn(dist, path)] ?? (await readFile(path, 'utf8')),
        resolveDir: dirname(path),
      }));
      esbuild.onLoad({ filter: /tfjs-core[\\/]dist[\\/].*\.js$/ }, async ({ path }) => {
        if (REGISTERING.test(moduleIn(dist, path))) return null;
        const source = await readFile(path, 'utf8');
        const names = exportedNames(source);
        const known = names.filter((name) => name in tfjs);
        const imported = `export { ${known.join(', ')} } from '${CORE}';`;
        const isKnown = known.length === names.length && !/^export \*/m.test(source);
        // A name that is written out goes before the same one behind the star.
        const inner = isKnown ? '' : `export * from ${JSON.stringify(`inner:${path}`)};`;
        return { contents: imported + inner, resolveDir: dirname(path) };
      });
    },
  };
}

function moduleIn(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}

/** The names that a module of tfjs-core exports, but for those of other modules that it exports as a whole. */
function exportedNames(source: string): string[] {
  const declared = [...source.matchAll(/^export (?:async )?(?:const|let|var|function\*?|class) (\w+)/gm)];
  const listed = [...source.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, list]) => list!.split(','));
  return [
    ...declared.map(([, name]) => name!),
    ...listed.map((item) => item.trim().split(/ as /).at(-1)!.trim()).filter((name) => name !== ''),
  ];
}
