/** Distance to an outline in pixels, negative inside, never larger than the true one. */
export type SignedDistance = (x: number, y: number) => number;

/** How a form lies in a picture. */
export interface Placement {
  /** Pixels from the left edge; a pixel's center is at ½. */
  readonly centerX: number;
  /** Pixels from the top edge. */
  readonly centerY: number;
  /** Radians; from x towards y, which is clockwise on a screen. */
  readonly rotation: number;
  /** Pixels from the center that nothing of the form is beyond. */
  readonly radius: number;
}

/**
 * How much of each pixel a form covers, 0 to 1, anti-aliased: ½ minus the distance of its center from the outline, within
 * [0, 1]. A row is walked in leaps: where the outline is far, no pixel before it can differ (sphere tracing, Hart, 1996).
 * @param coverage `[height, width]`; what the form does not reach is left as it is, where it does the larger value stays
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
      const leap = (Math.abs(found) + 0.5) | 0; // at least 1 wherever it is used; whole, so that the loop counts in integers
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

/** The band of `thickness` pixels along an outline. */
export function outlined(distance: SignedDistance, thickness: number): SignedDistance {
  return (x, y) => Math.abs(distance(x, y)) - thickness / 2;
}

/** From (x, y) to the line from (ax, ay) to (bx, by). */
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
