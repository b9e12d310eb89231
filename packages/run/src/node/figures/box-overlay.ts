import type { Figure } from './figure.ts';
import { sharp } from './packages.ts';
import { FONT, PALETTE, escapeMarkup, renderPng, textWidth } from './style.ts';

/** Box in pixels of the image. */
export interface OverlayBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Text above the box, such as a class and its score. */
  readonly label?: string;
  /** Index in the palette. Default 0. */
  readonly color?: number;
  /** Whether the outline is dashed, such as for ground truth beside detections. */
  readonly dashed?: boolean;
}

export interface BoxOverlayOptions {
  /** `[H, W, C]`, row-major, C 1 (gray) or 3 (RGB): bytes, or floats clipped to [0, 1]. */
  readonly image: Float32Array | Uint8Array | Uint8ClampedArray;
  readonly shape: readonly [height: number, width: number, channels: 1 | 3];
  readonly boxes: readonly OverlayBox[];
  /** Pixels of the figure per pixel of the image. */
  readonly scale?: number;
}

const LABEL_SIZE = 13;

/**
 * Image with labeled boxes drawn over it.
 * @throws Error where the values do not fill the shape
 */
export async function boxOverlay({ image, shape, boxes, scale = 1 }: BoxOverlayOptions): Promise<Figure> {
  const [height, width, channels] = shape;
  if (image.length !== height * width * channels || image.length === 0) {
    throw new Error(
      `boxOverlay: expected ${height * width * channels} values for shape [${shape.join(', ')}], got ${image.length}`,
    );
  }
  const bytes = image instanceof Float32Array ? Uint8ClampedArray.from(image, (value) => value * 255) : image;
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
  const marks = boxes.map((box) => boxMarkup(box, scale, size)).join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}">${marks}</svg>`;
  const picture = sharp(bytes, { raw: { width, height, channels } })
    .toColorspace('srgb')
    .resize({ ...size, kernel: scale > 1 ? 'nearest' : 'lanczos3' });
  return {
    png: await picture
      .composite([{ input: Buffer.from(renderPng(svg, 1)) }])
      .png()
      .toBuffer(),
  };
}

function boxMarkup(box: OverlayBox, scale: number, size: { readonly width: number; readonly height: number }): string {
  const color = PALETTE[(box.color ?? 0) % PALETTE.length]!;
  const [x, y, width, height] = [box.x, box.y, box.width, box.height].map((value) => value * scale) as [
    number,
    number,
    number,
    number,
  ];
  const dashes = box.dashed === true ? ' stroke-dasharray="7 5"' : '';
  const frame = `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="none" stroke="${color}" stroke-width="2.5"${dashes}/>`;
  if (box.label === undefined) return frame;
  const tagWidth = textWidth(box.label, LABEL_SIZE) + 8;
  const tagHeight = LABEL_SIZE + 6;
  // Above the box, or inside it where there is no room above.
  const tagX = Math.max(0, Math.min(x, size.width - tagWidth));
  const tagY = y >= tagHeight ? y - tagHeight : Math.max(0, y);
  return `${frame}<rect x="${tagX}" y="${tagY}" width="${tagWidth}" height="${tagHeight}" fill="${color}"/><text x="${
    tagX + 4
  }" y="${tagY + LABEL_SIZE + 1}" font-family="${FONT}" font-size="${LABEL_SIZE}" fill="#ffffff">${escapeMarkup(box.label)}</text>`;
}
