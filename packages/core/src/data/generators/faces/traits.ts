/** Dimensions of an identity. */
export const FACE_DIMENSIONS = 16;

/**
 * Traits of a face, each from -1 to 1. Every trait mixes two coordinates of w, and every coordinate is the main part of
 * at least two traits, so that w can be read from a picture although some traits are hidden.
 */
export const TRAIT_NAMES = [
  'skinLightness',
  'skinWarmth',
  'hairLightness',
  'hairWarmth',
  'hairLength',
  'hairline',
  'headWidth',
  'jawWidth',
  'eyeSpacing',
  'eyeSize',
  'browThickness',
  'noseLength',
  'noseWidth',
  'mouthWidth',
  'lipThickness',
  'eyeColor',
  'eyeHeight',
  'browHeight',
  'mouthHeight',
  'eyeTilt',
  'noseProjection',
  'chinSquareness',
  'beard',
  'age',
  'freckles',
  'blush',
  'earSize',
  'hairVolume',
  'curl',
  'browTilt',
  'eyeShape',
  'lipColor',
  'cheeks',
  'parting',
  'eyeLightness',
  'browLength',
] as const;
export type Traits = Readonly<Record<(typeof TRAIT_NAMES)[number], number>>;

const MAIN_WEIGHT = 0.9;
const SECOND_WEIGHT = Math.sqrt(1 - MAIN_WEIGHT ** 2);
/** Scale of a coordinate before it is squashed: most of the population uses most of each range. */
const SQUASH = 0.85;

/**
 * Traits of w: `tanh` of a unit combination of two coordinates. The map is smooth and one-to-one.
 * @param w [16]
 */
export function traitsOf(w: ArrayLike<number>): Traits {
  return Object.fromEntries(
    TRAIT_NAMES.map((name, index) => {
      const main = w[index % FACE_DIMENSIONS]!;
      const second = w[(index * 5 + 3 + 3 * Math.floor(index / FACE_DIMENSIONS)) % FACE_DIMENSIONS]!;
      return [name, Math.tanh(SQUASH * (MAIN_WEIGHT * main + SECOND_WEIGHT * second))];
    }),
  ) as Traits;
}

/** Value between `low` and `high` for a trait from -1 to 1. */
export function between(trait: number, low: number, high: number): number {
  return low + ((trait + 1) / 2) * (high - low);
}
