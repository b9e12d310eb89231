import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';
import { demos } from './vite/demos.ts';

const plugins = () => [demos(import.meta.dirname)];

/** Page of exported sites: demos alone, no server, relative addresses only. */
export default defineConfig({
  root: `${import.meta.dirname}/src/site`,
  base: './',
  publicDir: false,
  plugins: [preact(), plugins()],
  resolve: { conditions: ['@motley/source', 'module', 'browser', 'development|production'] },
  worker: { format: 'es', plugins },
  // A data: address would need an exception in the content security policy.
  build: { outDir: `${import.meta.dirname}/dist/site`, emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0 },
});
