/** Dimensions of an identity. */
export const FACE_DIMENSIONS = 16;

/**
 * Traits of a face, each from -1 to 1. Every trait mixes two coordinates of w, and every coordinate is the main part of
 * two traits or more, the first of which changes much of a picture. So w can be read from a picture in which some
 * traits are hidden.
 */
export const TRAIT_NAMES = [
  'skinLightness',
  'hairLength',
  'headWidth',
  'age',
  'hairVolume',
  'hairLightness',
  'eyeHeight',
  'hairline',
  'skinWarmth',
  'hairWarmth',
  'curl',
  'eyeSpacing',
  'noseLength',
  'beard',
  'eyeSize',
  'browHeight',
  'blush',
  'browLength',
  'lipColor',
  'jawWidth',
  'earSize',
  'eyeLightness',
  'eyeColor',
  'parting',
  'noseWidth',
  'chinSquareness',
  'browThickness',
  'cheeks',
  'eyeTilt',
  'mouthWidth',
  'lipThickness',
  'mouthHeight',
  'freckles',
  'browTilt',
  'eyeShape',
  'noseProjection',
] as const;
export type Traits = Readonly<Record<(typeof TRAIT_NAMES)[number], number>>;

const MAIN_WEIGHT = 0.85;
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
      // Coordinates whose own traits are small have a share in those that change most.
      const second =
        w[
          (FACE_DIMENSIONS - 1 - (index % FACE_DIMENSIONS) + 2 * Math.floor(index / FACE_DIMENSIONS)) % FACE_DIMENSIONS
        ]!;
      return [name, Math.tanh(SQUASH * (MAIN_WEIGHT * main + SECOND_WEIGHT * second))];
    }),
  ) as Traits;
}

/** Strength from 0 to 1 of something that most faces have little of. */
export function strengthOf(trait: number, power: number): number {
  return between(trait, 0, 1) ** power;
}

/** Value between `low` and `high` for a trait from -1 to 1. */
export function between(trait: number, low: number, high: number): number {
  return low + ((trait + 1) / 2) * (high - low);
}
