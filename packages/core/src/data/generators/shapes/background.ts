/** Ways to mix the two colors of a background. */
export const BACKGROUND_NAMES = ['plain', 'linear', 'radial', 'clouds'] as const;
export type BackgroundName = (typeof BACKGROUND_NAMES)[number];

/** Cells of a cloud background along each side. */
const CLOUD_CELLS = 5;
/** Random words per background. */
export const BACKGROUND_DRAWS = (CLOUD_CELLS + 1) ** 2;

/** Factor that maps a 32-bit word to [0, 1). */
const UNIT = 2 ** -32;

/**
 * Fills `mix` with the share of the second color at each pixel, 0 to 1.
 * @param mix [height, width], overwritten
 * @param draws `BACKGROUND_DRAWS` unsigned words
 */
export function mixBackground(
  mix: Float32Array,
  [height, width]: readonly [height: number, width: number],
  name: BackgroundName,
  draws: Uint32Array,
): void {
  if (name === 'plain') mix.fill(0);
  else if (name === 'linear') mixLinear(mix, height, width, draws[0]! * UNIT * 2 * Math.PI);
  else if (name === 'radial') mixRadial(mix, height, width, draws);
  else mixClouds(mix, height, width, draws);
}

/** Linear gradient across the image: 0 at one side or corner, 1 at the other. */
function mixLinear(mix: Float32Array, height: number, width: number, angle: number): void {
  const reach = Math.abs(Math.cos(angle)) * width + Math.abs(Math.sin(angle)) * height;
  const [stepX, stepY] = [Math.cos(angle) / reach, Math.sin(angle) / reach];
  for (let row = 0; row < height; row++) {
    const start = 0.5 + (row + 0.5 - height / 2) * stepY - (width / 2 - 0.5) * stepX;
    for (let column = 0; column < width; column++) mix[row * width + column] = start + column * stepX;
  }
}

/** Radial gradient around a point of the image. */
function mixRadial(mix: Float32Array, height: number, width: number, draws: Uint32Array): void {
  const [centerX, centerY] = [draws[0]! * UNIT * width, draws[1]! * UNIT * height];
  const scale = 1 / Math.hypot(width, height);
  for (let row = 0; row < height; row++) {
    const y = row + 0.5 - centerY;
    for (let column = 0; column < width; column++) {
      const x = column + 0.5 - centerX;
      mix[row * width + column] = Math.sqrt(x * x + y * y) * scale;
    }
  }
}

/** Value noise: random values on a coarse grid, interpolated smoothly. */
function mixClouds(mix: Float32Array, height: number, width: number, draws: Uint32Array): void {
  const corners = CLOUD_CELLS + 1;
  const values = new Float32Array(corners);
  const shares = new Float32Array(width);
  for (let column = 0; column < width; column++) shares[column] = smoothStep(((column + 0.5) / width) * CLOUD_CELLS);
  for (let row = 0; row < height; row++) {
    const place = ((row + 0.5) / height) * CLOUD_CELLS;
    const share = smoothStep(place);
    const first = Math.floor(place) * corners;
    for (let corner = 0; corner < corners; corner++) {
      const above = draws[first + corner]! * UNIT;
      values[corner] = above + share * (draws[first + corners + corner]! * UNIT - above);
    }
    let column = 0;
    for (let cell = 0; cell < CLOUD_CELLS; cell++) {
      const left = values[cell]!;
      const step = values[cell + 1]! - left;
      for (; (column + 0.5) * CLOUD_CELLS < (cell + 1) * width; column++)
        mix[row * width + column] = left + shares[column]! * step;
    }
  }
}

/** Smoothstep 3t² - 2t³ of the fractional part. */
function smoothStep(place: number): number {
  const t = place - Math.floor(place);
  return t * t * (3 - 2 * t);
}
