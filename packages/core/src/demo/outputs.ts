import type { DemoPicture } from './inputs.ts';

/** View of a result. `value` only carries its type. */
export interface DemoOutput<Value> {
  readonly kind: string;
  readonly label?: string;
  readonly value?: Value;
}

interface Common {
  readonly label?: string;
}

/** Gray picture, values from 0 (black) to 1, or one in RGB. */
export type DemoImage = { readonly width: number; readonly height: number; readonly gray: Float32Array } | DemoPicture;

export interface ScoredLabel {
  readonly label: string;
  /** From 0 to 1. */
  readonly score: number;
}

/** Labels with bars, the most probable first. */
export interface LabelsOutput extends DemoOutput<readonly ScoredLabel[]> {
  readonly kind: 'labels';
  readonly top: number;
}

export function labels(options: Common & { readonly top?: number } = {}): LabelsOutput {
  return { kind: 'labels', top: 5, ...options };
}

export interface ImageOutput extends DemoOutput<DemoImage> {
  readonly kind: 'image';
}

export function image(options: Common = {}): ImageOutput {
  return { kind: 'image', ...options };
}

/** Pictures in rows of `columns`, with optional captions. */
export interface ImageGridOutput extends DemoOutput<
  readonly { readonly image: DemoImage; readonly caption?: string }[]
> {
  readonly kind: 'imageGrid';
  readonly columns: number;
}

export function imageGrid(options: Common & Pick<ImageGridOutput, 'columns'>): ImageGridOutput {
  return { kind: 'imageGrid', ...options };
}

/** Box in pixels of the picture. */
export interface DemoBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly label: string;
  readonly score: number;
}

export interface BoxesOutput extends DemoOutput<{ readonly image: DemoImage; readonly boxes: readonly DemoBox[] }> {
  readonly kind: 'boxes';
}

export function boxes(options: Common = {}): BoxesOutput {
  return { kind: 'boxes', ...options };
}

/** Text, which may grow with every `emit`. */
export interface TextOutput extends DemoOutput<string> {
  readonly kind: 'streamedText';
}

export function streamedText(options: Common = {}): TextOutput {
  return { kind: 'streamedText', ...options };
}

/** Values row by row, `rows.length` × `columns.length` or the given sizes, such as attention over words or frames. */
export interface HeatMap {
  readonly values: Float32Array;
  readonly height: number;
  readonly width: number;
  /** Names of the rows and columns, empty where there are none. */
  readonly rows?: readonly string[];
  readonly columns?: readonly string[];
}

export interface HeatMapOutput extends DemoOutput<HeatMap> {
  readonly kind: 'heatMap';
  /** Titles of the axes. */
  readonly rows: string;
  readonly columns: string;
}

export function heatMap(options: Common & Pick<HeatMapOutput, 'rows' | 'columns'>): HeatMapOutput {
  return { kind: 'heatMap', ...options };
}

/** Past, forecast and its band from `low` to `high`. */
export interface Forecast {
  readonly past: Float32Array;
  readonly forecast: Float32Array;
  readonly low?: Float32Array;
  readonly high?: Float32Array;
}

export interface ForecastOutput extends DemoOutput<Forecast> {
  readonly kind: 'forecast';
}

export function forecast(options: Common = {}): ForecastOutput {
  return { kind: 'forecast', ...options };
}

/** Words, each with a weight from -1 to 1, drawn as its background. */
export interface HighlightedWordsOutput extends DemoOutput<
  readonly { readonly word: string; readonly weight: number }[]
> {
  readonly kind: 'highlightedWords';
}

export function highlightedWords(options: Common = {}): HighlightedWordsOutput {
  return { kind: 'highlightedWords', ...options };
}

/** Graph of which a path was taken: nodes in columns, edges with a share from 0 to 1. */
export interface TakenPath {
  readonly columns: readonly (readonly { readonly id: string; readonly label: string; readonly share: number }[])[];
  readonly edges: readonly { readonly from: string; readonly to: string; readonly share: number }[];
}

export interface PathOutput extends DemoOutput<TakenPath> {
  readonly kind: 'path';
}

export function path(options: Common = {}): PathOutput {
  return { kind: 'path', ...options };
}

/** Layers with the activations of their units, or weights, as small gray pictures that change as a network learns. */
export interface ActivationsOutput extends DemoOutput<readonly (HeatMap & { readonly name: string })[]> {
  readonly kind: 'activations';
}

export function activations(options: Common = {}): ActivationsOutput {
  return { kind: 'activations', ...options };
}

/** Lines over a shared axis, such as the losses of a training in the page. */
export interface CurvesOutput extends DemoOutput<
  readonly { readonly name: string; readonly x: Float32Array; readonly y: Float32Array }[]
> {
  readonly kind: 'curves';
}

export function curves(options: Common = {}): CurvesOutput {
  return { kind: 'curves', ...options };
}
