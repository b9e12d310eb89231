/** Classes of the pictures, in the order of the network's outputs. */
export const CLASSES = ['cross', 'circle', 'horizontal line', 'vertical line'] as const;

/** A circle with shorter sides looks like a cross. */
const MIN_SIDE = 5;

/** Size of a figure in pixels. */
interface Extent {
  readonly width: number;
  readonly height: number;
}

/** Side in pixels of a figure that fills a fraction of a picture's side. */
export function sideOf(fraction: number, pictureSize: number): number {
  return Math.max(MIN_SIDE, Math.min(pictureSize, Math.round(fraction * pictureSize)));
}

/** The pixels [column, row] of a figure's strokes from its upper left corner, without duplicates. */
export function strokes(label: number, { width, height }: Extent): [column: number, row: number][] {
  const [middleColumn, middleRow] = [Math.round((width - 1) / 2), Math.round((height - 1) / 2)];
  const row = Array.from({ length: width }, (_, column): [number, number] => [column, middleRow]);
  const column = Array.from({ length: height }, (_, each): [number, number] => [middleColumn, each]);
  switch (CLASSES[label]!) {
    case 'cross':
      return [...row, ...column.filter(([, each]) => each !== middleRow)];
    case 'circle':
      return ellipse({ width, height });
    case 'horizontal line':
      return row;
    case 'vertical line':
      return column;
  }
}

function ellipse({ width, height }: Extent): [number, number][] {
  const steps = 4 * (width + height);
  const pixels = new Map<number, [number, number]>();
  for (let step = 0; step < steps; step++) {
    const angle = (2 * Math.PI * step) / steps;
    const column = Math.round(((width - 1) / 2) * (1 + Math.cos(angle)));
    const row = Math.round(((height - 1) / 2) * (1 + Math.sin(angle)));
    pixels.set(row * width + column, [column, row]);
  }
  return [...pixels.values()];
}
