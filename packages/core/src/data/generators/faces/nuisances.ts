import type { RandomNumbers } from '@motley/run';
import type { Expression } from './anatomy.ts';
import { GLASSES, MASK_WEARINGS, type Glasses, type MaskWearing } from './worn.ts';

/** Things that cover a part of a face, besides masks. */
export const OCCLUSIONS = ['none', 'hand', 'scarf', 'object'] as const;
export type Occlusion = (typeof OCCLUSIONS)[number];

/** Differences between pictures of one identity, besides w. */
export interface FaceNuisances extends Expression {
  /** Turn of the head toward the right of the picture, -40 to 40. */
  readonly yawInDegrees: number;
  /** Turn of the head downward, -18 to 18. */
  readonly pitchInDegrees: number;
  /** Clockwise turn in the picture, -20 to 20. */
  readonly rollInDegrees: number;
  /** Direction of the light: -80 (left of the picture) to 80. */
  readonly lightFromInDegrees: number;
  /** Height of the light above the horizon, -10 to 70. */
  readonly lightHeightInDegrees: number;
  /** 0 (even light) to 1 (from the light's direction alone). */
  readonly lightStrength: number;
  /** Exposure, 0.65 to 1.25. */
  readonly brightness: number;
  readonly glasses: Glasses;
  readonly mask: MaskWearing;
  readonly occlusion: Occlusion;
  /** Volume and length of the hair around the identity's, -1 to 1. */
  readonly hairJitter: number;
  /** Distance of the face from its place, as fractions of the picture's side. */
  readonly shift: readonly [x: number, y: number];
  /** Size of the face, around 1. */
  readonly scale: number;
  /** Standard deviation of the blur in a picture of 64 pixels; it grows with the picture. */
  readonly blurInPixels: number;
  /** Standard deviation of the noise of each pixel, as a fraction of white. */
  readonly noise: number;
}

/** Frontal face at rest in even light, that wears nothing. */
export const neutralNuisances: FaceNuisances = Object.freeze({
  yawInDegrees: 0,
  pitchInDegrees: 0,
  rollInDegrees: 0,
  lightFromInDegrees: -20,
  lightHeightInDegrees: 35,
  lightStrength: 0.3,
  brightness: 1,
  smile: 0.1,
  mouthOpen: 0,
  eyesOpen: 0.9,
  browRaise: 0,
  glasses: 'none',
  mask: 'none',
  occlusion: 'none',
  hairJitter: 0,
  shift: [0, 0],
  scale: 1,
  blurInPixels: 0,
  noise: 0,
} as const);

const GLASSES_SHARES = [0.75, 0.1, 0.1, 0.05] as const;
const MASK_SHARES = [0.9, 0.08, 0.008, 0.006, 0.006] as const;
const OCCLUSION_SHARES = [0.88, 0.04, 0.04, 0.04] as const;

/** Draws the nuisances of one picture. */
export function drawNuisances(random: RandomNumbers): FaceNuisances {
  const draws = random.uniformValues(20);
  const normals = random.normalValues(8);
  const uniform = (index: number, low: number, high: number): number => low + (high - low) * draws[index]!;
  const normal = (index: number, deviation: number, most: number): number =>
    Math.min(most, Math.max(-most, deviation * normals[index]!));
  return {
    yawInDegrees: uniform(0, -40, 40),
    pitchInDegrees: normal(0, 7, 18),
    rollInDegrees: normal(1, 7, 20),
    lightFromInDegrees: uniform(1, -80, 80),
    lightHeightInDegrees: uniform(2, -10, 70),
    lightStrength: draws[3]! ** 1.5,
    brightness: uniform(4, 0.65, 1.25),
    smile: normal(2, 0.5, 1),
    mouthOpen: Math.max(0, uniform(5, -2, 1)),
    eyesOpen: 1 - 0.75 * draws[6]! ** 4,
    browRaise: normal(3, 0.4, 1),
    glasses: GLASSES[chosen(draws[7]!, GLASSES_SHARES)]!,
    mask: MASK_WEARINGS[chosen(draws[8]!, MASK_SHARES)]!,
    occlusion: OCCLUSIONS[chosen(draws[9]!, OCCLUSION_SHARES)]!,
    hairJitter: uniform(10, -1, 1),
    shift: [normal(4, 0.025, 0.06), normal(5, 0.025, 0.06)],
    scale: uniform(11, 0.9, 1.1),
    blurInPixels: Math.max(0, uniform(12, -0.6, 1)),
    noise: 0.04 * draws[13]!,
  };
}

/** Index of a share, drawn by a uniform number. */
export function chosen(draw: number, shares: readonly number[]): number {
  let sum = 0;
  const found = shares.findIndex((share) => (sum += share) > draw);
  return found < 0 ? shares.length - 1 : found;
}
