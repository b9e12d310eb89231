import { bell, frontAt, halfWidthAt, reliefAt, type Anatomy } from './anatomy.ts';
import type { Surface } from './surface.ts';

/** Heights of the head's rows: close together where the face is. */
const heights = Float64Array.from(
  [-1, -0.97, -0.9, -0.8, -0.7, -0.6, -0.5, -0.42, -0.35].concat(
    Array.from({ length: 22 }, (_, row) => -0.3 + row * 0.05),
    [0.8, 0.86, 0.91, 0.96, 0.985, 1],
  ),
);
const COLUMNS = 39;
/** Column at each side that runs straight through the ear: where the face ends. */
const EAR_COLUMN = 15;
const spread = (column: number): number => 0.55 * column + 0.45 * column * (column / ((COLUMNS - 1) / 2)) ** 2;
/** Angles of the head's columns, from one side behind the ears to the other. */
const angles = Float64Array.from(
  { length: COLUMNS },
  (_, column) => ((Math.PI / 2) * spread(column - (COLUMNS - 1) / 2)) / spread(EAR_COLUMN),
);
const sines = angles.map((angle) => Math.sin(angle));
const cosines = angles.map((angle) => Math.cos(angle));
const forwards = cosines.map(forwardOf);

/** Vertices of the largest surface. */
export const MAX_VERTICES = 48 * 48;

/** Shape between a sphere and a box for the outline from above: faces are flatter than spheres. */
function forwardOf(cosine: number): number {
  return cosine >= 0 ? cosine ** 0.8 : cosine;
}

/**
 * Surface of the head. Its coordinates are x before the relief, counted on beyond the ears, and y.
 * @param offset distance from the skin, for what is worn. Above 0 the surface is smooth: it spans nose and lips
 */
export function shapeHead(surface: Surface, anatomy: Anatomy, offset = 0): void {
  surface.resize(heights.length, angles.length);
  const drop = anatomy.mouthGap * 0.5;
  let index = 0;
  for (const y of heights) {
    const [halfWidth, front] = [halfWidthAt(anatomy, y), frontAt(anatomy, y)];
    const lowered = y > anatomy.mouthY ? drop * Math.min(1, (y - anatomy.mouthY) / 0.15) : 0;
    for (let column = 0; column < angles.length; column++) {
      const sine = sines[column]!;
      const cosine = cosines[column]!;
      const base = halfWidth * sine;
      const u = cosine >= 0 ? base : Math.sign(sine) * 2 * halfWidth - base;
      const relief = cosine <= 0 ? 0 : offset > 0 ? tentAt(anatomy, base, y) : reliefAt(anatomy, base, y);
      const facing = Math.min(1, 2 * cosine);
      const x = base + offset * sine;
      const z = (front + offset) * forwards[column]! + relief * Math.max(0, facing);
      surface.set(index++, x, y * (1 + offset * 0.9) + lowered, z, u, y);
    }
  }
}

/** Relief of cloth over nose and mouth. */
function tentAt({ noseTip, noseProjection, noseWidth }: Anatomy, u: number, v: number): number {
  const below = v > noseTip;
  return (
    (0.9 * noseProjection + 0.02) *
    bell(u / (noseWidth + (below ? 0.16 : 0.1))) *
    bell((v - noseTip) / (below ? 0.36 : 0.2))
  );
}

/** Place on the skin above (u, v), in head units. */
export function pointOnFace(anatomy: Anatomy, u: number, v: number): readonly [x: number, y: number, z: number] {
  const sine = u / halfWidthAt(anatomy, v);
  const cosine = Math.sqrt(Math.max(0, 1 - sine * sine));
  const lowered = v > anatomy.mouthY ? anatomy.mouthGap * 0.5 * Math.min(1, (v - anatomy.mouthY) / 0.15) : 0;
  return [u, v + lowered, frontAt(anatomy, v) * forwardOf(cosine) + reliefAt(anatomy, u, v) * Math.min(1, 2 * cosine)];
}

/** Ellipsoid around a center, with coordinates from -1 to 1 as seen from the front. */
export function shapeEllipsoid(
  surface: Surface,
  [centerX, centerY, centerZ]: readonly [number, number, number],
  [radiusX, radiusY, radiusZ]: readonly [number, number, number],
  detail = 9,
): void {
  surface.resize(detail, detail);
  for (let row = 0, index = 0; row < detail; row++) {
    const latitude = Math.PI * (row / (detail - 1) - 0.5);
    const ring = Math.cos(latitude);
    for (let column = 0; column < detail; column++) {
      const longitude = 1.2 * Math.PI * (column / (detail - 1) - 0.5);
      const x = ring * Math.sin(longitude);
      const z = ring * Math.cos(longitude);
      const y = Math.sin(latitude);
      surface.set(index++, centerX + radiusX * x, centerY + radiusY * y, centerZ + radiusZ * z, x, y);
    }
  }
}

/** Rounded rod between two points, with coordinates around and along it. */
export function shapeRod(
  surface: Surface,
  from: readonly [number, number, number],
  to: readonly [number, number, number],
  radius: number,
): void {
  const [rows, columns] = [9, 9];
  surface.resize(rows, columns);
  const [dx, dy, dz] = [to[0] - from[0], to[1] - from[1], to[2] - from[2]];
  const length = Math.hypot(dx, dy);
  const [acrossX, acrossY] = [dy / length, -dx / length];
  for (let row = 0, index = 0; row < rows; row++) {
    // Both ends are half spheres.
    const place = row < 4 ? 0 : 1;
    const bend = (Math.PI / 2) * (row < 4 ? row / 4 - 1 : (row - 4) / 4);
    const [ring, beyond] = [Math.max(0.02, Math.cos(bend)) * radius, Math.sin(bend) * radius];
    const along = place + beyond / length;
    for (let column = 0; column < columns; column++) {
      const angle = 1.1 * Math.PI * (column / (columns - 1) - 0.5);
      const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
      const x = from[0] + dx * along + acrossX * ring * sine;
      const y = from[1] + dy * along + acrossY * ring * sine;
      surface.set(index++, x, y, from[2] + dz * along + ring * cosine, sine, along);
    }
  }
}

/** Neck: a tube that widens toward the shoulders. */
export function shapeNeck(surface: Surface, { headWidth }: Anatomy): void {
  surface.resize(6, 11);
  for (let row = 0, index = 0; row < 6; row++) {
    const y = 0.35 + row * 0.28;
    const width = headWidth * (0.62 + 0.16 * Math.max(0, y - 1.1) ** 2);
    for (let column = 0; column < 11; column++) {
      const angle = Math.PI * (column / 10 - 0.5);
      surface.set(index++, width * Math.sin(angle), y, -0.2 + 0.5 * Math.cos(angle), column / 5 - 1, y);
    }
  }
}

/** Shoulders, with the coordinates x and y. */
export function shapeShoulders(surface: Surface, { headWidth }: Anatomy): void {
  const [rows, columns] = [10, 17];
  surface.resize(rows, columns);
  const reach = headWidth * 2.15;
  for (let row = 0, index = 0; row < rows; row++) {
    const down = row / (rows - 1);
    for (let column = 0; column < columns; column++) {
      const angle = Math.PI * (column / (columns - 1) - 0.5);
      const ring = Math.sin((Math.PI / 2) * Math.min(1, down * 1.6)) ** 0.7;
      const x = reach * (0.2 + 0.8 * ring) * Math.sin(angle);
      const y = 1.28 + 2.6 * down ** 1.7 + 0.12 * Math.abs(Math.sin(angle));
      surface.set(index++, x, y, -0.2 + (0.3 + 0.35 * ring) * Math.cos(angle), x, y);
    }
  }
}
