import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

export default defineConfig({
  root: 'src/page',
  base: './',
  plugins: [preact()],
  resolve: { conditions: ['@motley/source', 'module', 'browser', 'development|production'] },
  worker: { format: 'es' },
  build: { outDir: '../../dist/page', emptyOutDir: true, target: 'es2022' },
});
