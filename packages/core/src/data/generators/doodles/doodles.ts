import { largest, smallest } from '@motley/run';
import type { RandomNumbers } from '@motley/run';
import { cover, distanceToSegment } from '../coverage.ts';
import { DOODLE_NAMES, FIGURES, type DoodleName, type Point } from './figures.ts';

export interface DoodleOptions {
  /** Side of the square image, in pixels. Default 28. */
  readonly imageSize?: number;
  /** Pen width, as a fraction of the image side. Default 0.05. */
  readonly penWidth?: number;
  /** Standard deviation of a line's random displacement, as a fraction of the figure. Default 0.03. */
  readonly wobble?: number;
}

/** Doodle: its image, and the path of the pen. */
export interface Doodle {
  /** [imageSize, imageSize], from 0 (paper) to 255 (ink). */
  readonly image: Uint8Array;
  /** Class: index of the name in `DOODLE_NAMES`. */
  readonly label: number;
  readonly name: DoodleName;
  /** Strokes in drawing order; points in pixels. */
  readonly strokes: readonly (readonly Point[])[];
  /**
   * Pen sequence [T, 3]: Δx and Δy as fractions of the image side, and 1 where the pen lifts after the step. This is
   * the format of Ha & Eck, "A neural representation of sketch drawings", 2018. The pen starts at the first point of
   * the first stroke.
   */
  readonly sequence: Float32Array;
}

/** Random words reserved for the choices of a figure; each figure needs fewer. */
const FIGURE_DRAWS = 32;
const MARGIN = 0.06;

/**
 * Draws a doodle in freehand style. Each has random proportions, size, slant, position and rotation. Its lines wander,
 * and some stay open or are overdrawn. Classes are uniform.
 */
export function drawDoodle(random: RandomNumbers, options: DoodleOptions = {}): Doodle {
  const { imageSize = 28, penWidth = 0.05, wobble = 0.03 } = options;
  if (
    !Number.isInteger(imageSize) ||
    imageSize < 8 ||
    !(penWidth > 0 && penWidth <= 0.25) ||
    !(wobble >= 0 && wobble <= 0.2)
  )
    throw new RangeError(
      `doodles: expected at least 8 pixels, a pen of 0 to 0.25 and a wobble of 0 to 0.2, got ${imageSize}, ${penWidth} and ${wobble}`,
    );
  const draws = random.uniformValues(FIGURE_DRAWS);
  let used = 0;
  const draw = (low: number, high: number): number => low + (high - low) * draws[used++]!;
  const label = Math.floor(draw(0, DOODLE_NAMES.length));
  const name = DOODLE_NAMES[label]!;
  const pose = { turn: draw(-0.2, 0.2), slant: draw(-0.15, 0.15), stretch: draw(0.85, 1.15), size: draw(0.7, 1) };
  const place: Point = [draw(-1, 1), draw(-1, 1)];
  const wandering = FIGURES[name](draw).map((line, index) => wander(line, random.fork(index), wobble));
  const strokes = fit(
    wandering.map((line) => line.map((point) => posed(point, pose))),
    imageSize,
    pose.size,
    place,
  );
  return { image: inked(strokes, imageSize, penWidth), label, name, strokes, sequence: steps(strokes, imageSize) };
}

function posed([x, y]: Point, { turn, slant, stretch }: Record<'turn' | 'slant' | 'stretch', number>): Point {
  const [u, v] = [(x + slant * y) * stretch, y / stretch];
  return [u * Math.cos(turn) - v * Math.sin(turn), u * Math.sin(turn) + v * Math.cos(turn)];
}

/** Displaces a line smoothly, by noise averaged twice along it. The end falls short or overshoots. */
function wander(line: readonly Point[], random: RandomNumbers, wobble: number): Point[] {
  const noise = random.normalValues(2 * line.length + 2);
  const smooth = (values: Float32Array): Float32Array =>
    values.map((value, index) => ((values[index - 1] ?? value) + value + (values[index + 1] ?? value)) / 3);
  const [dx, dy] = [0, 1].map((axis) =>
    smooth(smooth(Float32Array.from(line, (_, index) => noise[2 * index + axis]!))),
  );
  // Averaging over three points twice leaves a standard deviation of √(19/81).
  const scale = wobble / Math.sqrt(19 / 81);
  const strayed = line.map(([x, y], index): Point => [x + scale * dx![index]!, y + scale * dy![index]!]);
  const [[beforeX, beforeY], [endX, endY]] = [strayed.at(-2)!, strayed.at(-1)!];
  const past = 0.5 * noise.at(-1)!;
  return [...strayed.slice(0, -1), [endX + past * (endX - beforeX), endY + past * (endY - beforeY)]];
}

/** Strokes in pixels: the largest fitting size times `size`, shifted by `place` (-1 to 1) in the free space. */
function fit(strokes: readonly Point[][], imageSize: number, size: number, place: Point): Point[][] {
  const points = strokes.flat();
  const bounds = ([0, 1] as const).map((axis) => {
    const values = points.map((point) => point[axis]);
    return [smallest(values), largest(values)] as const;
  });
  const room = imageSize * (1 - 2 * MARGIN);
  const scale = (size * room) / largest(bounds.map(([low, high]) => high - low));
  const at = (value: number, axis: 0 | 1): number => {
    const [low, high] = bounds[axis]!;
    const slack = room - (high - low) * scale;
    return imageSize / 2 + (value - (low + high) / 2) * scale + (place[axis] * slack) / 2;
  };
  return strokes.map((stroke) => stroke.map(([x, y]): Point => [at(x, 0), at(y, 1)]));
}

function inked(strokes: readonly Point[][], imageSize: number, penWidth: number): Uint8Array {
  const coverage = new Float32Array(imageSize * imageSize);
  const half = Math.max(0.5, (penWidth * imageSize) / 2);
  for (const stroke of strokes)
    for (const [index, [toX, toY]] of stroke.slice(1).entries()) {
      const [fromX, fromY] = stroke[index]!;
      const [centerX, centerY] = [(fromX + toX) / 2, (fromY + toY) / 2];
      const [x, y] = [toX - centerX, toY - centerY];
      cover(coverage, [imageSize, imageSize], (u, v) => distanceToSegment(u, v, -x, -y, x, y) - half, {
        centerX,
        centerY,
        rotation: 0,
        radius: Math.hypot(x, y) + half,
      });
    }
  return Uint8Array.from(coverage, (value) => Math.round(value * 255));
}

function steps(strokes: readonly Point[][], imageSize: number): Float32Array {
  const points = strokes.flatMap((stroke) =>
    stroke.map(([x, y], index) => [x, y, index === stroke.length - 1 ? 1 : 0] as const),
  );
  return Float32Array.from(
    points.slice(1).flatMap(([x, y, lifted], index) => {
      const [fromX, fromY] = points[index]!;
      return [(x - fromX) / imageSize, (y - fromY) / imageSize, lifted];
    }),
  );
}
