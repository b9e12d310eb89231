import { distanceToSegment, outlined, type SignedDistance } from '../coverage.ts';

/** Class names, by label. */
export const SHAPE_NAMES = [
  'line',
  'cross',
  'circle',
  'semicircle',
  'triangle',
  'square',
  'star',
  'heart',
  'crescent',
  'arrow',
] as const;
export type ShapeName = (typeof SHAPE_NAMES)[number];

/** Dimensions of a form, in pixels. */
export interface FormSizes {
  /** Distance from the center to the outermost point. */
  readonly radius: number;
  /** Thickness of strokes and outlines. */
  readonly thickness: number;
  /** Whether an enclosed area is filled instead of outlined. */
  readonly isFilled: boolean;
}

/** Signed distances of forms made of strokes. All other forms enclose an area. */
const strokes: Readonly<Partial<Record<ShapeName, (radius: number, thickness: number) => SignedDistance>>> = {
  line: (radius, thickness) => {
    const end = radius - thickness / 2;
    return (x, y) => distanceToSegment(x, y, -end, 0, end, 0) - thickness / 2;
  },
  cross: (radius, thickness) => {
    const end = radius - thickness / 2;
    return (x, y) =>
      Math.min(distanceToSegment(x, y, -end, 0, end, 0), distanceToSegment(x, y, 0, -end, 0, end)) - thickness / 2;
  },
  arrow: (radius, thickness) => {
    const end = radius - thickness / 2;
    const barb = end * 0.7;
    return (x, y) => {
      const shaft = distanceToSegment(x, y, -end, 0, end, 0);
      const head = distanceToSegment(x, Math.abs(y), end, 0, end - barb, barb);
      return Math.min(shaft, head) - thickness / 2;
    };
  },
};

const areas: Readonly<Partial<Record<ShapeName, (radius: number) => SignedDistance>>> = {
  circle: (radius) => (x, y) => Math.sqrt(x * x + y * y) - radius,
  semicircle: (radius) => (x, y) => Math.max(Math.sqrt(x * x + y * y) - radius, -y),
  triangle: (radius) => (x, y) => Math.max(y, Math.abs(x) * (Math.sqrt(3) / 2) - y / 2) - radius / 2,
  square: (radius) => {
    const half = radius / Math.SQRT2;
    return (x, y) => Math.max(Math.abs(x), Math.abs(y)) - half;
  },
  star: fivePointedStar,
  heart,
  crescent: (radius) => {
    const [offset, inner] = [radius * 0.5, radius * 0.8];
    return (x, y) =>
      Math.max(Math.sqrt(x * x + y * y) - radius, inner - Math.sqrt((x - offset) * (x - offset) + y * y));
  },
};

/** Distance that a sharp corner moves out when its sides move out by 1. Other corners are round. */
const outset: Readonly<Partial<Record<ShapeName, number>>> = { triangle: 2, square: Math.SQRT2, heart: Math.SQRT2 };

/** Signed distance of a form centered at the origin, unrotated. */
export function formOf(name: ShapeName, { radius, thickness, isFilled }: FormSizes): SignedDistance {
  const stroke = strokes[name];
  if (stroke !== undefined) return stroke(radius, thickness);
  const area = areas[name]!;
  return isFilled ? area(radius) : outlined(area(radius - (outset[name] ?? 1) * (thickness / 2)), thickness);
}

/** Five-pointed star. Symmetry folds the outline onto half of one point, where it is a single straight edge. */
function fivePointedStar(radius: number): SignedDistance {
  const sector = Math.PI / 5;
  const [cosine, sine] = [Math.cos(sector), Math.sin(sector)];
  const notch = radius * 0.42;
  // From the tip (0, radius) to the adjacent notch.
  const [edgeX, edgeY] = [notch * sine, notch * cosine - radius];
  const length = Math.hypot(edgeX, edgeY);
  return (x, y) => {
    let u = Math.abs(x);
    let v = y;
    // Fold at two of the star's symmetry axes.
    const first = Math.max(0, cosine * u - sine * v);
    u -= 2 * cosine * first;
    v += 2 * sine * first;
    const second = Math.max(0, -cosine * u - sine * v);
    u = Math.abs(u + 2 * cosine * second);
    v += 2 * sine * second - radius;
    const along = Math.min(1, Math.max(0, (u * edgeX + v * edgeY) / (length * length)));
    const awayX = u - along * edgeX;
    const awayY = v - along * edgeY;
    const away = Math.sqrt(awayX * awayX + awayY * awayY);
    return u * edgeY < v * edgeX ? away : -away;
  };
}

/** Heart: a square standing on a corner, with a circle on each of its two upper sides. */
function heart(radius: number): SignedDistance {
  // In units of half the square's side, lowered so that tip and lobes are equally far from the origin.
  const lowered = (2 * Math.SQRT2 - 2) / (3 * Math.SQRT2 - 2);
  const half = radius / (lowered + Math.SQRT2);
  const shift = half * Math.SQRT1_2;
  const down = half * lowered;
  return (x, y) => {
    const u = Math.abs(x);
    const v = y - down;
    const square = (u + Math.abs(v)) * Math.SQRT1_2 - half;
    const circle = Math.sqrt((u - shift) * (u - shift) + (v + shift) * (v + shift)) - half;
    return Math.min(square, circle);
  };
}
