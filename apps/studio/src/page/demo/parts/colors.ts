/** Anchors of a perceptually even scale from dark to bright, as bytes: it reads the same without color vision. */
const SCALE = [
  [13, 8, 60],
  [84, 2, 130],
  [154, 38, 120],
  [212, 84, 80],
  [248, 149, 64],
  [240, 240, 110],
] as const;

/** Color of a share from 0 to 1. */
function scaleColor(share: number): readonly [red: number, green: number, blue: number] {
  const place = Math.min(1, Math.max(0, Number.isFinite(share) ? share : 0)) * (SCALE.length - 1);
  const from = Math.min(SCALE.length - 2, Math.floor(place));
  const [low, high] = [SCALE[from]!, SCALE[from + 1]!];
  const mix = (channel: 0 | 1 | 2): number => low[channel] + (place - from) * (high[channel] - low[channel]);
  return [mix(0), mix(1), mix(2)];
}

/** Pixels of a map, its smallest value dark and its largest bright. */
export function mapPixels(values: Float32Array, width: number, height: number): ImageData {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  const pixels = new ImageData(width, height);
  for (let at = 0; at < width * height; at++) {
    const [red, green, blue] = scaleColor(high > low ? (values[at]! - low) / (high - low) : 0);
    pixels.data.set([red, green, blue, 255], at * 4);
  }
  return pixels;
}
