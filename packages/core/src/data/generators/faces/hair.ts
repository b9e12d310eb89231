import { bell, ramp, type Anatomy } from './anatomy.ts';
import type { Keep, Surface } from './surface.ts';

const ROWS = 24;
/** Rows above the ears. */
const DOME_ROWS = 12;
const COLUMNS = 37;
const angles = Float64Array.from({ length: COLUMNS }, (_, column) => 2 * Math.PI * (column / (COLUMNS - 1) - 0.5));
const sines = angles.map((angle) => Math.sin(angle));
const cosines = angles.map((angle) => Math.cos(angle));
/** Angles, in radians from the middle of the face, between which the hairline falls from the forehead to the sides. */
const TEMPLES = [0.75, 1.3] as const;

/** Whether hair hangs beside and behind the neck, where its inside is seen. */
export function isHanging({ hair }: Anatomy): boolean {
  return hair.length >= 0.45;
}

/** Lowest height of hair at the sides: at the ears for short hair, below the shoulders for long. */
function sidesOf({ hair }: Anatomy): number {
  return hair.length < 0.45 ? -0.12 + 0.5 * hair.length : 0.1 + 2.6 * (hair.length - 0.45);
}

/**
 * Shell of hair around the head: a dome that hangs straight below the ears. Its coordinates are the angle around the
 * head and y.
 */
export function shapeHair(surface: Surface, anatomy: Anatomy): void {
  const { hair, headWidth, depth } = anatomy;
  surface.resize(ROWS, COLUMNS);
  const bottom = Math.max(0.75, sidesOf(anatomy) + 0.1);
  const top = -1 - hair.volume;
  const curl = 0.05 * hair.curl * Math.min(1, 3 * hair.length);
  for (let row = 0, index = 0; row < ROWS; row++) {
    const y =
      row < DOME_ROWS
        ? top + (0.1 - top) * (1 - Math.cos((Math.PI / 2) * (row / (DOME_ROWS - 1))))
        : 0.1 + (bottom - 0.1) * ((row - DOME_ROWS + 1) / (ROWS - DOME_ROWS));
    const dome = y < 0.1 ? Math.abs((y - 0.1) / (top - 0.1)) : 0;
    // Short hair follows the skull toward the neck, long hair hangs.
    const nape =
      y > 0.1 && !isHanging(anatomy) ? 1 - 0.35 * Math.min(1, (y - 0.1) / 0.7) ** 2 : 1 + 0.06 * Math.max(0, y - 0.1);
    const ring = Math.max(0, 1 - dome ** 2.3) ** 0.46 * nape;
    const thickness = hair.volume * (0.55 + 0.45 * ramp(-0.2, -0.9, y));
    const furrow = 0.04 * hair.length * ramp(-0.7, -1, y);
    const wave = curl * Math.sin(11 * y);
    for (let column = 0; column < COLUMNS; column++) {
      const angle = angles[column]!;
      const swell = curl === 0 ? ring : ring * (1 + wave * Math.sin(9 * angle) + curl * Math.sin(14 * angle + 5 * y));
      const x = (headWidth + thickness) * swell * sines[column]!;
      const z = (depth + thickness * 0.8) * swell * cosines[column]!;
      surface.set(index++, x, y + furrow * bell((angle - 2 * hair.parting) / 0.25), z, angle, y);
    }
  }
}

/** Places around the head where the height of the hairline is tabulated. */
const LINE_PLACES = 256;
const LINE_STEP = (2 * Math.PI) / LINE_PLACES;

/** Whether hair grows at an angle and height: above the hairline in front, down to its length at the sides. */
export function hairline(anatomy: Anatomy): Keep {
  const heights = Float64Array.from({ length: LINE_PLACES + 1 }, (_, place) =>
    lineAt(anatomy, place * LINE_STEP - Math.PI),
  );
  return (angle, y) => y < heights[Math.round((angle + Math.PI) / LINE_STEP)]!;
}

/** Lowest height of the hair at an angle. */
function lineAt(anatomy: Anatomy, angle: number): number {
  const { hair } = anatomy;
  const sides = sidesOf(anatomy);
  const nape = Math.max(0.6, sides);
  // Very short hair recedes.
  const front = hair.length < 0.1 ? -0.86 : hair.lineY;
  const turn = Math.abs(angle);
  const temple = ramp(TEMPLES[0] + 0.25 * hair.parting * Math.sign(angle), TEMPLES[1], turn);
  const behind = ramp(1.45, 1.75, turn);
  const arch = front + 0.35 * hair.parting * angle - 0.06 * Math.cos(4 * angle);
  const fringe = 0.03 * (Math.sin(23 * angle) + Math.sin(37 * angle + 1)) * Math.min(1, hair.length * 3);
  return arch + (sides - arch) * temple + (nape - sides) * behind + fringe;
}
