/** Signed distance to an outline, in pixels: negative inside. Its magnitude never exceeds the true distance. */
export type SignedDistance = (x: number, y: number) => number;

/** Placement of a form in an image. */
export interface Placement {
  /** Pixels from the left edge. The center of the first pixel is at ½. */
  readonly centerX: number;
  /** Pixels from the top edge. */
  readonly centerY: number;
  /** Rotation in radians, from x toward y: clockwise on a screen. */
  readonly rotation: number;
  /** Radius of a circle around the center that encloses the form, in pixels. */
  readonly radius: number;
}

/**
 * Anti-aliased coverage of each pixel by a form, 0 to 1: ½ minus the signed distance at the pixel center, clipped.
 * Sphere tracing (Hart, 1996) skips along a row: no pixel within the distance to the outline can differ.
 * @param coverage [height, width]; takes the larger of the old and the new value at each pixel
 */
export function cover(
  coverage: Float32Array,
  [height, width]: readonly [height: number, width: number],
  distance: SignedDistance,
  { centerX, centerY, rotation, radius }: Placement,
): void {
  const [cosine, sine] = [Math.cos(rotation), Math.sin(rotation)];
  const firstRow = Math.max(0, Math.floor(centerY - radius - 1));
  const lastRow = Math.min(height - 1, Math.ceil(centerY + radius));
  for (let row = firstRow; row <= lastRow; row++) {
    const y = row + 0.5 - centerY;
    const halfWidth = Math.sqrt(Math.max(0, (radius + 1) * (radius + 1) - y * y));
    const firstColumn = Math.max(0, Math.floor(centerX - halfWidth));
    const lastColumn = Math.min(width - 1, Math.floor(centerX + halfWidth));
    const start = row * width;
    for (let column = firstColumn; column <= lastColumn;) {
      const x = column + 0.5 - centerX;
      const found = distance(x * cosine + y * sine, y * cosine - x * sine);
      const leap = (Math.abs(found) + 0.5) | 0; // integer, for a fast loop; at least 1 where used
      if (found >= 0.5) column += leap;
      else if (found > -0.5) {
        const index = start + column++;
        coverage[index] = Math.max(coverage[index]!, 0.5 - found);
      } else {
        const end = Math.min(column + leap, lastColumn + 1);
        for (; column < end; column++) coverage[start + column] = 1;
      }
    }
  }
}

/** Outline of a form, as a band of `thickness` pixels. */
export function outlined(distance: SignedDistance, thickness: number): SignedDistance {
  return (x, y) => Math.abs(distance(x, y)) - thickness / 2;
}

/** Distance from (x, y) to the segment from (ax, ay) to (bx, by). */
export function distanceToSegment(x: number, y: number, ax: number, ay: number, bx: number, by: number): number {
  const dx = bx - ax;
  const dy = by - ay;
  const lengthSquared = dx * dx + dy * dy;
  const along = lengthSquared === 0 ? 0 : ((x - ax) * dx + (y - ay) * dy) / lengthSquared;
  const nearest = Math.min(1, Math.max(0, along));
  const awayX = x - ax - nearest * dx;
  const awayY = y - ay - nearest * dy;
  return Math.sqrt(awayX * awayX + awayY * awayY);
}
