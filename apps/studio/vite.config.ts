import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';
import { demos } from './vite/demos.ts';

const plugins = () => [demos(import.meta.dirname)];

export default defineConfig({
  root: 'src/page',
  base: './',
  plugins: [preact(), plugins()],
  resolve: { conditions: ['@motley/source', 'module', 'browser', 'development|production'] },
  worker: { format: 'es', plugins },
  build: { outDir: '../../dist/page', emptyOutDir: true, target: 'es2022' },
});
