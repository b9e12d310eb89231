/**
 * Lays a heat map over a picture: pale gray at 0 and below, red at 1.
 * @param image [H, W, 3] bytes
 * @param heat [H, W]
 * @returns [H, W, 3] bytes
 */
export function overlayHeat(image: Uint8Array, heat: ArrayLike<number>): Uint8Array {
  const output = new Uint8Array(image.length);
  const hot = [200, 30, 40];
  for (let pixel = 0; pixel < heat.length; pixel++) {
    const [red, green, blue] = [image[3 * pixel]!, image[3 * pixel + 1]!, image[3 * pixel + 2]!];
    const gray = 0.5 * (0.299 * red + 0.587 * green + 0.114 * blue) + 110;
    const share = 0.8 * Math.min(1, Math.max(0, heat[pixel]!));
    for (let channel = 0; channel < 3; channel++) output[3 * pixel + channel] = gray + share * (hot[channel]! - gray);
  }
  return output;
}

/** Bilinear interpolation of a map [h, w] to [size, size]. */
export function enlarge(map: ArrayLike<number>, [h, w]: readonly [number, number], size: number): Float32Array {
  const output = new Float32Array(size * size);
  const place = (pixel: number, cells: number): readonly [low: number, high: number, share: number] => {
    const at = Math.min(cells - 1, Math.max(0, ((pixel + 0.5) / size) * cells - 0.5));
    const low = Math.floor(at);
    return [low, Math.min(cells - 1, low + 1), at - low];
  };
  for (let y = 0; y < size; y++) {
    const [top, bottom, down] = place(y, h);
    for (let x = 0; x < size; x++) {
      const [left, right, across] = place(x, w);
      const above = map[top * w + left]! * (1 - across) + map[top * w + right]! * across;
      const below = map[bottom * w + left]! * (1 - across) + map[bottom * w + right]! * across;
      output[y * size + x] = above * (1 - down) + below * down;
    }
  }
  return output;
}

/** N pictures [H, W, 3] → [N, H, W, 3]. */
export function stack(images: readonly Uint8Array[]): Uint8Array {
  const output = new Uint8Array(images.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const image of images) {
    output.set(image, at);
    at += image.length;
  }
  return output;
}
