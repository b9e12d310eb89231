import type * as ResvgPackage from '@resvg/resvg-js';
import type * as EchartsPackage from 'echarts';
import type sharpFunction from 'sharp';
import { optionalPackages } from '../optional-package.ts';

const figures = optionalPackages(import.meta.url, 'Figures', [
  'echarts',
  '@resvg/resvg-js',
  'dejavu-fonts-ttf',
  'sharp',
]);
const pictures = optionalPackages(import.meta.url, 'Pictures', ['sharp']);

export function loadEcharts(): typeof EchartsPackage {
  return figures.load('echarts') as typeof EchartsPackage;
}

export function loadResvg(): typeof ResvgPackage {
  return figures.load('@resvg/resvg-js') as typeof ResvgPackage;
}

export function fontFolder(): string {
  return figures.folder('dejavu-fonts-ttf');
}

/** A pipeline of sharp, which decodes, changes and encodes a picture. */
export function sharp(...input: Parameters<typeof sharpFunction>): ReturnType<typeof sharpFunction> {
  // Loaders of TypeScript take sharp's ES module, whose default export the function is.
  const loaded = pictures.load('sharp') as typeof sharpFunction & { readonly default?: typeof sharpFunction };
  return (loaded.default ?? loaded)(...input);
}
