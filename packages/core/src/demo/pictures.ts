import type { DemoPicture } from './inputs.ts';

/**
 * The middle of a picture in another size, as much of it as fits the new proportions. A pixel is the mean of the area that
 * it covers.
 * @returns bytes [H, W, 3]
 */
export function coverPicture(picture: DemoPicture, height: number, width: number): Uint8Array {
  const scale = Math.min(picture.width / width, picture.height / height);
  const left = (picture.width - scale * width) / 2;
  const top = (picture.height - scale * height) / 2;
  const output = new Uint8Array(height * width * 3);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const mean = areaMean(picture, left + column * scale, top + row * scale, scale);
      output.set(mean, (row * width + column) * 3);
    }
  return output;
}

/** Mean color of a square, pixels at its edges by the share that lies in it. */
function areaMean({ width, height, data }: DemoPicture, left: number, top: number, side: number): number[] {
  const sums = [0, 0, 0];
  let total = 0;
  const bottom = Math.min(height, Math.ceil(top + side - 1e-9));
  const right = Math.min(width, Math.ceil(left + side - 1e-9));
  for (let row = Math.max(0, Math.floor(top)); row < bottom; row++) {
    const down = Math.min(row + 1, top + side) - Math.max(row, top);
    for (let column = Math.max(0, Math.floor(left)); column < right; column++) {
      const weight = down * (Math.min(column + 1, left + side) - Math.max(column, left));
      const at = (row * width + column) * 3;
      for (let channel = 0; channel < 3; channel++) sums[channel]! += weight * data[at + channel]!;
      total += weight;
    }
  }
  return sums.map((sum) => Math.round(sum / total));
}
