import { UserError } from '@motley/run';

/** Bytes in RGB, row by row. */
export interface Picture {
  /** [H, W, 3] */
  readonly values: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** A place in a picture, in pixels; the center of the first pixel is at ½. */
export type Point = readonly [x: number, y: number];

/** Left and right eye, tip of the nose, left and right corner of the mouth, as the picture shows them. */
export type Landmarks = readonly [leftEye: Point, rightEye: Point, nose: Point, leftMouth: Point, rightMouth: Point];

/**
 * Places of the landmarks in an aligned picture, as shares of its side: those of ArcFace's 112 × 112 pixels (Deng et al.,
 * 2019), drawn together around the middle, so that chin and hair are seen too.
 */
const ARC_FACE = [
  [38.2946, 51.6963],
  [73.5318, 51.5014],
  [56.0252, 71.7366],
  [41.5493, 92.3655],
  [70.7299, 92.2041],
] as const;
const ARC_FACE_SIDE = 112;
const ZOOM = 0.8;
/** The template's middle, a little above which the aligned picture has its own. */
const MIDDLE = [0.5, 0.6] as const;
const template: readonly Point[] = ARC_FACE.map(([x, y]) => [
  0.5 + ZOOM * (x / ARC_FACE_SIDE - MIDDLE[0]),
  0.5 + ZOOM * (y / ARC_FACE_SIDE - MIDDLE[1]),
]);

/** A turn, scaling and shift: (x, y) → (a x − b y + right, b x + a y + down). */
export interface Similarity {
  readonly a: number;
  readonly b: number;
  readonly right: number;
  readonly down: number;
}

/**
 * The similarity that brings points nearest to others by the sum of squares (Umeyama, "Least-squares estimation of
 * transformation parameters between two point patterns", 1991, without reflections).
 */
export function nearestSimilarity(from: readonly Point[], to: readonly Point[]): Similarity {
  const mean = (points: readonly Point[], axis: 0 | 1) =>
    points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const [fromX, fromY, toX, toY] = [mean(from, 0), mean(from, 1), mean(to, 0), mean(to, 1)];
  let [along, across, squares] = [0, 0, 0];
  for (const [place, [x, y]] of from.entries()) {
    const [u, v] = [x - fromX, y - fromY];
    const [p, q] = [to[place]![0] - toX, to[place]![1] - toY];
    along += u * p + v * q;
    across += u * q - v * p;
    squares += u * u + v * v;
  }
  const [a, b] = squares === 0 ? [1, 0] : [along / squares, across / squares];
  return { a, b, right: toX - a * fromX + b * fromY, down: toY - b * fromX - a * fromY };
}

/**
 * The face turned upright, at a fixed place and size: bytes [size, size, 3]. Pixels beyond the edge repeat it.
 * @param landmarks undefined where they are not known: the middle square of the picture is then taken for the aligned face
 */
export function alignFace(picture: Picture, landmarks: Landmarks | undefined, size: number): Uint8Array {
  const side = Math.min(picture.width, picture.height);
  if (side < 2)
    throw new UserError(`picture: expected at least 2 × 2 pixels, got ${picture.height} × ${picture.width}`);
  if (landmarks === undefined) {
    const [left, top] = [(picture.width - side) / 2, (picture.height - side) / 2];
    return sample(picture, { a: side / size, b: 0, right: left, down: top }, size);
  }
  const scaled = template.map(([x, y]) => [x * size, y * size] as const);
  return sample(picture, nearestSimilarity(scaled, landmarks), size);
}

/** The picture at the places that a similarity gives for the pixels of a square: bytes [size, size, 3]. */
function sample(picture: Picture, { a, b, right, down }: Similarity, size: number): Uint8Array {
  // A reduction takes the mean of what a pixel covers, or small parts would come and go.
  const factor = Math.max(1, Math.floor(Math.hypot(a, b)));
  const { values, height, width } = factor === 1 ? picture : reduced(picture, factor);
  const output = new Uint8Array(size * size * 3);
  for (let row = 0, index = 0; row < size; row++)
    for (let column = 0; column < size; column++, index += 3) {
      const x = (a * (column + 0.5) - b * (row + 0.5) + right) / factor - 0.5;
      const y = (b * (column + 0.5) + a * (row + 0.5) + down) / factor - 0.5;
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const [toRight, toBottom] = [x - left, y - top];
      const inColumns = (each: number) => Math.min(width - 1, Math.max(0, each));
      const rowAt = (each: number) => Math.min(height - 1, Math.max(0, each)) * width;
      const [upper, lower] = [rowAt(top), rowAt(top + 1)];
      const [first, second] = [inColumns(left), inColumns(left + 1)];
      for (let channel = 0; channel < 3; channel++) {
        const at = (place: number) => values[3 * place + channel]!;
        const above = at(upper + first) * (1 - toRight) + at(upper + second) * toRight;
        const below = at(lower + first) * (1 - toRight) + at(lower + second) * toRight;
        output[index + channel] = Math.round(above * (1 - toBottom) + below * toBottom);
      }
    }
  return output;
}

/** Means of squares of factor × factor pixels; those at the right and lower edge are smaller. */
function reduced({ values, height, width }: Picture, factor: number): Picture {
  const [rows, columns] = [Math.ceil(height / factor), Math.ceil(width / factor)];
  const output = new Uint8Array(rows * columns * 3);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const [bottom, right] = [Math.min(height, (row + 1) * factor), Math.min(width, (column + 1) * factor)];
      const sums = [0, 0, 0];
      for (let y = row * factor; y < bottom; y++)
        for (let x = column * factor; x < right; x++)
          for (let channel = 0; channel < 3; channel++) sums[channel]! += values[3 * (y * width + x) + channel]!;
      const count = (bottom - row * factor) * (right - column * factor);
      for (const [channel, sum] of sums.entries())
        output[3 * (row * columns + column) + channel] = Math.round(sum / count);
    }
  return { values: output, height: rows, width: columns };
}
