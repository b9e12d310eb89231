/** Square of gray values, row by row, 0 without ink. */
export interface InkPicture {
  readonly values: Float32Array;
  readonly size: number;
}

export type Point = readonly [x: number, y: number];

/**
 * A picture with a stroke from one point to another added: ink 1 within the radius, falling to 0 over one pixel, so that
 * edges are as soft as those of scanned ink.
 * @param ink 1 draws, 0 erases
 */
export function stroke({ values, size }: InkPicture, from: Point, to: Point, radius: number, ink: 0 | 1): Float32Array {
  const drawn = values.slice();
  const reach = radius + 1;
  const clamp = (value: number): number => Math.min(size - 1, Math.max(0, value));
  const [left, right] = [
    clamp(Math.floor(Math.min(from[0], to[0]) - reach)),
    clamp(Math.ceil(Math.max(from[0], to[0]) + reach)),
  ];
  const [top, bottom] = [
    clamp(Math.floor(Math.min(from[1], to[1]) - reach)),
    clamp(Math.ceil(Math.max(from[1], to[1]) + reach)),
  ];
  for (let row = top; row <= bottom; row++)
    for (let column = left; column <= right; column++) {
      const distance = distanceToSegment([column + 0.5, row + 0.5], from, to);
      const coverage = Math.min(1, Math.max(0, radius + 0.5 - distance));
      const at = row * size + column;
      drawn[at] = ink === 1 ? Math.max(drawn[at]!, coverage) : Math.min(drawn[at]!, 1 - coverage);
    }
  return drawn;
}

function distanceToSegment([x, y]: Point, [fromX, fromY]: Point, [toX, toY]: Point): number {
  const [alongX, alongY] = [toX - fromX, toY - fromY];
  const length = alongX * alongX + alongY * alongY;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - fromX) * alongX + (y - fromY) * alongY) / length));
  return Math.hypot(x - fromX - share * alongX, y - fromY - share * alongY);
}
