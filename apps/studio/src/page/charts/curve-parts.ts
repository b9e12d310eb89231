import type { CurveData } from '../../shared/api.ts';

/**
 * Adds the new part of a curve to what is there: points of `part` follow those before its first x. So a live curve costs
 * only its new lines.
 */
export function extendCurve(curve: CurveData, part: CurveData): CurveData {
  const from = part.x[0] ?? part.gaps[0]?.x;
  if (from === undefined) return { ...curve, total: Math.max(curve.total, part.total) };
  let kept = curve.x.length;
  while (kept > 0 && curve.x[kept - 1]! >= from) kept--;
  return {
    name: curve.name,
    x: curve.x.slice(0, kept).concat(part.x),
    y: curve.y.slice(0, kept).concat(part.y),
    smooth:
      curve.smooth === null || part.smooth === null ? part.smooth : curve.smooth.slice(0, kept).concat(part.smooth),
    gaps: curve.gaps.filter(({ x }) => x < from).concat(part.gaps),
    total: part.total,
  };
}

/** Last x of a curve, where its next part starts; undefined for an empty one. */
export function endOf(curve: CurveData): number | undefined {
  return curve.x[curve.x.length - 1];
}
