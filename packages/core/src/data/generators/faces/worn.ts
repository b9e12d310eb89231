import { bell, frontAt, halfWidthAt, ramp, type Anatomy } from './anatomy.ts';
import { shapeHead } from './head-surfaces.ts';
import type { Keep, Surface } from './surface.ts';

/** Ways to wear a mask. Only `worn` covers nose, mouth and chin. */
export const MASK_WEARINGS = ['none', 'worn', 'under-nose', 'on-chin', 'hanging'] as const;
export type MaskWearing = (typeof MASK_WEARINGS)[number];

export const GLASSES = ['none', 'round', 'square', 'dark'] as const;
export type Glasses = (typeof GLASSES)[number];

/** Upper edge of a mask, at the middle and at the cheeks. */
function maskTop(
  { eyeY, noseTip, mouthY, lowerLip }: Anatomy,
  wearing: MaskWearing,
): readonly [middle: number, side: number] {
  if (wearing === 'worn') return [eyeY + 0.42 * (noseTip - eyeY), eyeY + 0.7 * (noseTip - eyeY)];
  if (wearing === 'under-nose') return [noseTip + 0.1, noseTip + 0.02];
  return [mouthY + lowerLip + 0.06, mouthY + 0.1];
}

/** Shapes a mask on the face, or one that hangs from an ear at `side`, -1 or 1. */
export function shapeMask(surface: Surface, anatomy: Anatomy, wearing: MaskWearing, side: number): void {
  if (wearing !== 'hanging') {
    shapeHead(surface, anatomy, wearing === 'on-chin' ? 0.1 : 0.06);
    return;
  }
  surface.resize(9, 9);
  const width = halfWidthAt(anatomy, 0.3);
  for (let row = 0, index = 0; row < 9; row++)
    for (let column = 0; column < 9; column++) {
      const [u, v] = [column / 4 - 1, row / 4 - 1];
      const x = width * 0.98 * side + 0.26 * u + 0.05 * v * side;
      surface.set(index++, x, 0.62 + 0.4 * v, 0.32 + 0.1 * bell(u) - 0.12 * u * side, u, v);
    }
}

/** The cloth of a mask within its surface. */
export function maskOutline(anatomy: Anatomy, wearing: MaskWearing): Keep {
  if (wearing === 'hanging') return (u, v) => u ** 4 + v ** 4 < 1;
  const [middle, side] = maskTop(anatomy, wearing);
  return (u, v) => {
    const reach = 0.9 * anatomy.headWidth;
    const across = Math.abs(u) / reach;
    return across < 1 && v > middle + (side - middle) * across ** 1.5;
  };
}

/** Distance to the straps of a mask on the skin: they run from its corners to the ears, or hang from the one at `side`. */
export function strapDistance(anatomy: Anatomy, wearing: MaskWearing, side: number): (u: number, v: number) => number {
  if (wearing === 'none') return () => Infinity;
  const reach = 0.88 * anatomy.headWidth;
  const start = maskTop(anatomy, wearing)[1];
  const [upper, lower] = wearing === 'hanging' ? [0.2, 0.2] : [start + 0.03, Math.max(start + 0.25, 0.72)];
  return (u, v) => {
    const along = Math.abs(u) - reach;
    if (along < -0.05 || (wearing === 'hanging' && u * side < 0)) return Infinity;
    const share = Math.min(1, Math.max(0, along / 0.12));
    return Math.min(Math.abs(v - upper - share * (-0.08 - upper)), Math.abs(v - lower - share * (0.2 - lower)));
  };
}

/** Sheet in front of the eyes, bent back to the ears. Its coordinates are distance from the middle, and y. */
export function shapeGlasses(surface: Surface, anatomy: Anatomy): void {
  const [rows, columns] = [7, 33];
  surface.resize(rows, columns);
  const width = anatomy.headWidth + 0.05;
  const front = frontAt(anatomy, anatomy.eyeY) + 0.12;
  for (let row = 0, index = 0; row < rows; row++) {
    const y = anatomy.eyeY - 0.27 + row * 0.09;
    for (let column = 0; column < columns; column++) {
      const angle = Math.PI * (column / (columns - 1) - 0.5);
      const x = width * Math.sin(angle);
      surface.set(index++, x, y, front * Math.max(0, Math.cos(angle)) ** 0.7, x, y);
    }
  }
}

/** Frame of glasses, and their lenses where these are dark. */
export function glassesOutline(anatomy: Anatomy, glasses: Glasses): Keep {
  const { eyeX, eyeY, eyeWidth, headWidth } = anatomy;
  const lens = lensDistance(anatomy, glasses);
  const inner = eyeX - eyeWidth * 1.1;
  const edge = eyeX + eyeWidth * 1.5;
  return (u, v) => {
    const side = Math.abs(u);
    const found = lens(side, v);
    if (Math.abs(found) < 0.022 || (glasses === 'dark' && found < 0)) return true;
    // The bridge, and the arms.
    if (side < inner && Math.abs(v - eyeY + 0.05 - 0.3 * side * side) < 0.02) return true;
    return side > Math.min(edge, headWidth * 0.95) && Math.abs(v - eyeY + 0.05) < 0.02;
  };
}

/** Signed distance to the outline of a lens, for u ≥ 0. */
function lensDistance({ eyeX, eyeY, eyeWidth }: Anatomy, glasses: Glasses): (u: number, v: number) => number {
  const radius = eyeWidth * 1.45;
  const centerY = eyeY + 0.015;
  if (glasses === 'round') return (u, v) => Math.sqrt((u - eyeX) ** 2 + (v - centerY) ** 2) - radius;
  const [halfWidth, halfHeight, round] = [radius * 1.05, radius * 0.75, radius * 0.35];
  return (u, v) => {
    const [x, y] = [Math.abs(u - eyeX) - halfWidth + round, Math.abs(v - centerY) - halfHeight + round];
    return Math.sqrt(Math.max(0, x) ** 2 + Math.max(0, y) ** 2) + Math.min(0, Math.max(x, y)) - round;
  };
}

/** Scarf: a tube around neck and chin. Its coordinates are the angle around it, and y. */
export function shapeScarf(surface: Surface, anatomy: Anatomy, top: number): void {
  const [rows, columns] = [14, 31];
  surface.resize(rows, columns);
  for (let row = 0, index = 0; row < rows; row++) {
    const down = row / (rows - 1);
    const y = top + (1.45 - top) * down;
    const fold = 0.035 * Math.sin(9 * down) + 0.12 * down;
    for (let column = 0; column < columns; column++) {
      const angle = 1.3 * Math.PI * (column / (columns - 1) - 0.5);
      const width = halfWidthAt(anatomy, Math.min(y, 0.45)) + 0.1 + fold;
      const nose =
        top < anatomy.noseTip + 0.1 ? anatomy.noseProjection * 0.8 * bell(angle / 0.3) * ramp(0.7, 0, down) : 0;
      const depth = anatomy.depth + 0.1 + fold + nose;
      surface.set(index++, width * Math.sin(angle), y + 0.05 * Math.sin(3 * angle), depth * Math.cos(angle), angle, y);
    }
  }
}
