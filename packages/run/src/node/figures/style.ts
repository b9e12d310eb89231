import { join } from 'node:path';
import { figureText } from './figure-text.ts';
import { fontFolder, loadResvg } from './packages.ts';

/** Tableau's ten colors, distinct on screen and in print. */
export const PALETTE = [
  '#4e79a7',
  '#f28e2b',
  '#e15759',
  '#59a14f',
  '#b07aa1',
  '#edc948',
  '#76b7b2',
  '#ff9da7',
  '#9c755f',
  '#79706e',
] as const;

/** From low to high: perceptually even, and close to the light page at zero (ColorBrewer's YlGnBu). */
export const HEAT_COLORS = [
  '#ffffe5',
  '#edf8b1',
  '#c7e9b4',
  '#7fcdbb',
  '#41b6c4',
  '#1d91c0',
  '#225ea8',
  '#253494',
  '#081d58',
] as const;

export const BACKGROUND = '#ffffff';
export const INK = '#2b2f36';
export const FAINT_INK = '#6b7280';
export const GRID = '#e8eaed';
export const FONT = 'DejaVu Sans';

const FONT_FILES = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'] as const;

/** Renders an SVG as PNG in the fonts of this package, with `scale` pixels per unit. */
export function renderPng(svg: string, scale: number, background?: string): Uint8Array {
  const options = {
    fitTo: { mode: 'zoom', value: scale },
    font: {
      loadSystemFonts: false,
      fontFiles: FONT_FILES.map((name) => join(fontFolder(), 'ttf', name)),
      defaultFontFamily: FONT,
    },
    ...(background === undefined ? {} : { background }),
  } as const;
  const { Resvg } = loadResvg();
  return new Resvg(svg, options).render().asPng();
}

/** Widths of letters in DejaVu Sans, relative to the font size. */
const LETTER_WIDTHS: readonly (readonly [letters: RegExp, width: number])[] = [
  [/\u2060/, 0],
  [/[ijl'|.,:; ]/, 0.31],
  [/[ftr()[\]{}\-/!]/, 0.4],
  [/[mwMW%@—]/, 0.92],
  [/[A-Z]/, 0.69],
];
const USUAL_WIDTH = 0.62;

/** Approximate width of text, in pixels. */
export function textWidth(content: string, fontSize: number): number {
  const widths = Array.from(
    content,
    (letter) => LETTER_WIDTHS.find(([letters]) => letters.test(letter))?.[1] ?? USUAL_WIDTH,
  );
  return fontSize * widths.reduce((sum, width) => sum + width, 0);
}

/** Escapes text for use in SVG or HTML, as `figureText`. */
export function escapeMarkup(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return figureText(text).replace(/[&<>"']/g, (character) => entities[character]!);
}
