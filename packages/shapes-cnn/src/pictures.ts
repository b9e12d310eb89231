/** RGB pictures as bytes, side by side. */

/** A heat of 0 to 1 laid over a picture: its greys where there is none, red where there is most. `[H, W, 3]` bytes. */
export function overlayHeat(image: Uint8Array, heat: ArrayLike<number>): Uint8Array {
  const output = new Uint8Array(image.length);
  for (let pixel = 0; pixel < heat.length; pixel++) {
    const [red, green, blue] = [image[3 * pixel]!, image[3 * pixel + 1]!, image[3 * pixel + 2]!];
    const grey = 0.4 * (0.299 * red + 0.587 * green + 0.114 * blue) + 128; // pale, so that the heat stands out
    const share = Math.min(1, Math.max(0, heat[pixel]!));
    const hot = [200, 30, 40];
    for (let channel = 0; channel < 3; channel++) output[3 * pixel + channel] = grey + share * (hot[channel]! - grey);
  }
  return output;
}

/** Values of a map `[h, w]` at the pixels of a picture, linear in between: `[size, size]`. */
export function enlarge(map: ArrayLike<number>, [h, w]: readonly [number, number], size: number): Float32Array {
  const output = new Float32Array(size * size);
  const place = (pixel: number, cells: number): readonly [number, number, number] => {
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

/** Pictures of one size in rows, on white: for a figure of them all. `[N, H, W, 3]` bytes. */
export function stack(images: readonly Uint8Array[]): Uint8Array {
  const length = images[0]!.length;
  const output = new Uint8Array(images.length * length);
  for (const [index, image] of images.entries()) output.set(image, index * length);
  return output;
}
