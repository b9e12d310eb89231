import type { RandomNumbers } from '@motley/run';
import { colorOf, type Color } from './colors.ts';

/** Colors and places of what is worn, and seeds of the textures. */
export interface Look {
  readonly clothes: Color;
  /** 0 to 1: plain up to 0.6, then striped, then checked. */
  readonly clothesStyle: number;
  readonly maskColor: Color;
  /** 0 plain, 1 pleated, 2 patterned. */
  readonly maskStyle: number;
  readonly frame: Color;
  readonly scarf: Color;
  readonly scarfStripes: Color;
  /** How far a scarf reaches up: 0 to the chin, 1 to the nose. */
  readonly scarfHeight: number;
  readonly object: Color;
  /** Places from 0 to 1 for hands and objects. */
  readonly placeX: number;
  readonly placeY: number;
  readonly turn: number;
  /** -1 (left of the picture) or 1. */
  readonly side: number;
  readonly gaze: number;
}

/** Usual colors of masks: surgical blue, green, white, black, gray, pink. */
const maskColors: readonly Color[] = [
  [0.55, 0.76, 0.88],
  [0.62, 0.84, 0.8],
  [0.93, 0.94, 0.95],
  [0.11, 0.11, 0.13],
  [0.5, 0.52, 0.55],
  [0.9, 0.68, 0.74],
];

/** Draws the look of one picture. */
export function drawLook(random: RandomNumbers): Look {
  const draws = random.uniformValues(28);
  const color = (first: number): Color =>
    colorOf(draws[first]!, 0.75 * draws[first + 1]!, 0.12 + 0.8 * draws[first + 2]!);
  const isPatterned = draws[0]! > 0.75;
  return {
    clothes: color(1),
    clothesStyle: draws[27]!,
    maskColor: isPatterned ? color(4) : maskColors[Math.floor(draws[7]! ** 1.3 * maskColors.length)]!,
    maskStyle: isPatterned ? 2 : draws[8]! < 0.65 ? 1 : 0,
    frame: colorOf(draws[9]!, 0.5 * draws[10]!, 0.05 + 0.45 * draws[11]! ** 2),
    scarf: color(12),
    scarfStripes: color(15),
    scarfHeight: draws[18]!,
    object: color(19),
    placeX: draws[22]!,
    placeY: draws[23]!,
    turn: draws[24]! - 0.5,
    side: draws[25]! < 0.5 ? -1 : 1,
    gaze: 2 * draws[26]! - 1,
  };
}
