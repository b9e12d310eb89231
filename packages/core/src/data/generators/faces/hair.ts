import { ramp, type Anatomy } from './anatomy.ts';
import type { Keep, Surface } from './surface.ts';

const ROWS = 30;
const COLUMNS = 45;
/** Angles, in radians from the middle of the face, between which the hairline falls from the forehead to the sides. */
const TEMPLES = [0.75, 1.3] as const;

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
  for (let row = 0, index = 0; row < ROWS; row++) {
    const y =
      row < 14
        ? top + (0.1 - top) * (1 - Math.cos((Math.PI / 2) * (row / 13)))
        : 0.1 + (bottom - 0.1) * ((row - 13) / (ROWS - 14));
    const dome = y < 0.1 ? Math.abs((y - 0.1) / (top - 0.1)) : 0;
    // Short hair follows the skull toward the neck, long hair hangs.
    const nape =
      y > 0.1 && hair.length < 0.45 ? 1 - 0.35 * Math.min(1, (y - 0.1) / 0.7) ** 2 : 1 + 0.06 * Math.max(0, y - 0.1);
    const ring = Math.max(0, 1 - dome ** 2.3) ** 0.46 * nape;
    const thickness = hair.volume * (0.55 + 0.45 * ramp(-0.2, -0.9, y));
    for (let column = 0; column < COLUMNS; column++) {
      const angle = 2 * Math.PI * (column / (COLUMNS - 1) - 0.5);
      const curl =
        1 +
        0.05 *
          hair.curl *
          (Math.sin(9 * angle) * Math.sin(11 * y) + Math.sin(14 * angle + 5 * y)) *
          Math.min(1, hair.length * 3);
      const swell = curl * ring;
      const part =
        0.04 * hair.length * Math.exp(-(((angle - anatomy.hair.parting * 2) / 0.25) ** 2)) * ramp(-0.7, -1, y);
      const x = (headWidth + thickness) * swell * Math.sin(angle);
      const z = (depth + thickness * 0.8) * swell * Math.cos(angle);
      surface.set(index++, x, y + part, z, angle, y);
    }
  }
}

/** Whether hair grows at an angle and height: above the hairline in front, down to its length at the sides. */
export function hairline(anatomy: Anatomy): Keep {
  const { hair } = anatomy;
  const sides = sidesOf(anatomy);
  const nape = Math.max(0.6, sides);
  // Very short hair recedes.
  const front = hair.length < 0.1 ? -0.86 : hair.lineY;
  return (angle, y) => {
    const turn = Math.abs(angle);
    const temple = ramp(TEMPLES[0] + 0.25 * hair.parting * Math.sign(angle), TEMPLES[1], turn);
    const behind = ramp(1.45, 1.75, turn);
    const arch = front + 0.35 * hair.parting * angle - 0.06 * Math.cos(4 * angle);
    const fringe = 0.03 * (Math.sin(23 * angle) + Math.sin(37 * angle + 1)) * Math.min(1, hair.length * 3);
    const line = arch + (sides - arch) * temple + (nape - sides) * behind + fringe;
    return y < line;
  };
}
