/** Sizes of the anchors of each level, the same number at every one, and their ratios height / width. */
export interface AnchorShape {
  readonly sizes: readonly (readonly number[])[];
  readonly ratios: readonly number[];
}

/** Anchors at each place of a feature map. */
export function anchorsPerPlace({ sizes, ratios }: AnchorShape): number {
  return sizes[0]!.length * ratios.length;
}

/** Rounds a half to the even neighbor, as PyTorch does. */
function rounded(value: number): number {
  const nearest = Math.round(value);
  return Math.abs(value - Math.trunc(value)) === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}

/** Anchors of one level around the origin, by ratio, then by size, with corners at whole pixels. */
function cellAnchors(sizes: readonly number[], ratios: readonly number[]): number[][] {
  return ratios.flatMap((ratio) =>
    sizes.map((size) => {
      const [x, y] = [rounded(size / Math.sqrt(ratio) / 2), rounded((size * Math.sqrt(ratio)) / 2)];
      return [-x, -y, x, y];
    }),
  );
}

/**
 * Anchors of one level (Ren et al., 2015, section 3.1.1; Lin et al., 2017, section 4.1): row by row, then by place in the
 * cell, around the upper left corner of each cell.
 *
 * @returns [rows · columns · anchors per place, 4]
 */
export function levelAnchors(
  shape: AnchorShape,
  level: number,
  { rows, columns, stride }: { readonly rows: number; readonly columns: number; readonly stride: number },
): Float32Array {
  const cells = cellAnchors(shape.sizes[level]!, shape.ratios);
  const anchors = new Float32Array(rows * columns * cells.length * 4);
  let at = 0;
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (const cell of cells)
        for (const [edge, value] of cell.entries()) anchors[at++] = value + stride * (edge % 2 === 0 ? column : row);
  return anchors;
}
