/** Values to start from: `count` of them, made for the number of an example, such as pictures of a generator. */
export interface DemoExamples<Value> {
  readonly count: number;
  readonly make: (index: number) => Value | Promise<Value>;
}

interface Common<Value> {
  readonly label?: string;
  /** One sentence below the control. */
  readonly hint?: string;
  readonly examples?: DemoExamples<Value>;
}

/** Control of a demo that a person gives a value with. `value` only carries the type of that value. */
export interface DemoInput<Value> extends Common<Value> {
  readonly kind: string;
  readonly value?: Value;
}

/** Gray picture to draw, row by row, `size` × `size` values from 0 (background) to 1 (ink). */
export interface Sketch extends DemoInput<Float32Array> {
  readonly kind: 'sketch';
  readonly size: number;
  readonly of: 'white on black' | 'black on white';
}

export function sketch(options: Common<Float32Array> & Pick<Sketch, 'size' | 'of'>): Sketch {
  return { kind: 'sketch', ...options };
}

/** Picture in RGB, row by row: 3 bytes a pixel. */
export interface DemoPicture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Picture by file, drop, paste or camera. Larger ones than `maxPixels` are refused before they are decoded. */
export interface PictureInput extends DemoInput<DemoPicture> {
  readonly kind: 'picture';
  readonly maxPixels: number;
}

export function picture(options: Common<DemoPicture> & { readonly maxPixels?: number } = {}): PictureInput {
  return { kind: 'picture', maxPixels: 40_000_000, ...options };
}

export interface TextInput extends DemoInput<string> {
  readonly kind: 'text';
  readonly lines: number;
  readonly maxLength: number;
  readonly default: string;
}

export function text(
  options: Common<string> & Partial<Pick<TextInput, 'lines' | 'maxLength' | 'default'>> = {},
): TextInput {
  return { kind: 'text', lines: 1, maxLength: 10_000, default: '', ...options };
}

/** Sound from the microphone or a file, mono, resampled to `sampleRate`: samples from -1 to 1. */
export interface SoundInput extends DemoInput<Float32Array> {
  readonly kind: 'sound';
  /** Samples a second. */
  readonly sampleRate: number;
  readonly maxSeconds: number;
}

export function sound(options: Common<Float32Array> & Pick<SoundInput, 'sampleRate' | 'maxSeconds'>): SoundInput {
  return { kind: 'sound', ...options };
}

export interface Slider extends DemoInput<number> {
  readonly kind: 'slider';
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly default: number;
}

export function slider(
  options: Common<number> & Pick<Slider, 'min' | 'max' | 'default'> & { readonly step?: number },
): Slider {
  return { kind: 'slider', step: (options.max - options.min) / 100, ...options };
}

export interface ChoiceInput<Name extends string = string> extends DemoInput<Name> {
  readonly kind: 'choice';
  readonly options: readonly Name[];
  readonly default: Name;
}

export function choice<Name extends string>(
  options: Common<Name> & Pick<ChoiceInput<Name>, 'options' | 'default'>,
): ChoiceInput<Name> {
  return { kind: 'choice', ...options };
}

/** Number in a column of a table, or one of its categories; null where it is missing. */
export type DemoCell = number | string | null;

export interface DemoColumn {
  readonly name: string;
  /** Categories; absent for a number. */
  readonly categories?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly default: DemoCell;
}

export interface TableRowInput extends DemoInput<Readonly<Record<string, DemoCell>>> {
  readonly kind: 'tableRow';
  readonly columns: readonly DemoColumn[];
}

export function tableRow(
  options: Common<Readonly<Record<string, DemoCell>>> & Pick<TableRowInput, 'columns'>,
): TableRowInput {
  return { kind: 'tableRow', ...options };
}

/** Series to draw with the pointer or to paste: `length` values from `min` to `max`, one step apart. */
export interface SeriesInput extends DemoInput<Float32Array> {
  readonly kind: 'series';
  readonly length: number;
  readonly min: number;
  readonly max: number;
}

export function series(options: Common<Float32Array> & Pick<SeriesInput, 'length' | 'min' | 'max'>): SeriesInput {
  return { kind: 'series', ...options };
}

/** Point of a plane, such as two latents. */
export interface Pad extends DemoInput<readonly [x: number, y: number]> {
  readonly kind: 'pad';
  readonly x: readonly [min: number, max: number];
  readonly y: readonly [min: number, max: number];
}

export function pad(options: Common<readonly [x: number, y: number]> & Pick<Pad, 'x' | 'y'>): Pad {
  return { kind: 'pad', ...options };
}
