import { largest } from '../../statistics/extremes.ts';
import type { Figure } from './figure.ts';
import { sharp } from './packages.ts';
import { BACKGROUND, FONT, INK, escapeMarkup, renderPng, textWidth } from './style.ts';

/** Images in rows and columns. */
export interface ImageGridOptions {
  /** `[N, H, W, C]`, row-major, C 1 (gray) or 3 (RGB): bytes, or floats clipped to [0, 1]. */
  readonly images: Float32Array | Uint8Array | Uint8ClampedArray;
  readonly shape: readonly [count: number, height: number, width: number, channels: 1 | 3];
  /** Images in a row. Default: as many as make the grid about square. */
  readonly columns?: number;
  /** Pixels of the figure per pixel of an image. Nearest neighbor, so that pixels stay visible. */
  readonly scale?: number;
  /** Pixels of the figure between images. 0 for a seamless manifold. */
  readonly gap?: number;
  readonly title?: string;
  readonly rowLabels?: readonly string[];
  readonly columnLabels?: readonly string[];
}

const MARGIN = 16;
const LABEL_SIZE = 15;
const TITLE_SIZE = 20;
/** Width of bold letters relative to regular ones. */
const BOLD = 1.15;

/**
 * Images in a grid on a light page, row by row.
 * @throws Error where the values do not fill the shape
 */
export async function imageGrid(options: ImageGridOptions): Promise<Figure> {
  const [count, height, width, channels] = options.shape;
  const size = count * height * width * channels;
  if (options.images.length !== size || count === 0) {
    throw new Error(
      `imageGrid: expected ${size} values for shape [${options.shape.join(', ')}], got ${options.images.length}`,
    );
  }
  const {
    columns = Math.ceil(Math.sqrt(count)),
    scale = 3,
    gap = 4,
    title,
    rowLabels = [],
    columnLabels = [],
  } = options;
  const rows = Math.ceil(count / columns);
  const cellWidth = width * scale + gap;
  const cellHeight = height * scale + gap;
  const labelWidth = Math.ceil(Math.max(0, largest(rowLabels.map((label) => textWidth(label, LABEL_SIZE)))));
  const left = MARGIN + (labelWidth > 0 ? labelWidth + 8 : 0);
  const top = MARGIN + (title === undefined ? 0 : TITLE_SIZE + 14) + (columnLabels.length > 0 ? LABEL_SIZE + 8 : 0);
  const titleWidth = Math.ceil(BOLD * textWidth(title ?? '', TITLE_SIZE)) + 2 * MARGIN;
  const pageWidth = Math.max(left + columns * cellWidth - gap + MARGIN, titleWidth);
  const pageHeight = top + rows * cellHeight - gap + MARGIN;

  const page = Buffer.alloc(pageWidth * pageHeight * 3, 0xff);
  const bytes = toBytes(options.images);
  for (let image = 0; image < count; image++) {
    const originX = left + (image % columns) * cellWidth;
    const originY = top + Math.floor(image / columns) * cellHeight;
    for (let y = 0; y < height * scale; y++) {
      const sourceRow = (image * height + Math.floor(y / scale)) * width;
      for (let x = 0; x < width * scale; x++) {
        const source = (sourceRow + Math.floor(x / scale)) * channels;
        const target = ((originY + y) * pageWidth + originX + x) * 3;
        for (let channel = 0; channel < 3; channel++)
          page[target + channel] = bytes[source + (channels === 3 ? channel : 0)]!;
      }
    }
  }
  const words = [
    ...(title === undefined ? [] : [word(title, pageWidth / 2, MARGIN + TITLE_SIZE - 4, 'middle', TITLE_SIZE, 'bold')]),
    ...columnLabels.map((label, column) => word(label, left + (column + 0.5) * cellWidth - gap / 2, top - 9, 'middle')),
    ...rowLabels.map((label, row) =>
      word(label, left - 8, top + (row + 0.5) * cellHeight - gap / 2 + LABEL_SIZE / 3, 'end'),
    ),
  ];
  const picture = sharp(page, { raw: { width: pageWidth, height: pageHeight, channels: 3 } });
  if (words.length > 0) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${pageWidth}" height="${pageHeight}">${words.join('')}</svg>`;
    picture.composite([{ input: Buffer.from(renderPng(svg, 1)) }]).flatten({ background: BACKGROUND });
  }
  return { png: await picture.png({ compressionLevel: 9 }).toBuffer() };
}

function toBytes(values: ImageGridOptions['images']): Uint8Array | Uint8ClampedArray {
  return values instanceof Float32Array ? Uint8ClampedArray.from(values, (value) => value * 255) : values;
}

function word(content: string, x: number, y: number, anchor: string, size = LABEL_SIZE, weight = 'normal'): string {
  const style = `font-family="${FONT}" font-size="${size}" font-weight="${weight}" fill="${INK}" text-anchor="${anchor}"`;
  return `<text x="${x}" y="${y}" ${style}>${escapeMarkup(content)}</text>`;
}
