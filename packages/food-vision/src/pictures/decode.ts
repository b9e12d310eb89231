import { UserError } from '@motley/run';
import { readUserFile } from '@motley/run/node';
import sharp, { type Sharp } from 'sharp';
import type { Picture } from './resample.ts';

/** Largest file that is read. */
const MAX_FILE_BYTES = 2 ** 28;
/** A picture with more pixels is refused before it is decoded. */
const MAX_PIXELS = 2 ** 28;
/** A picture with more pixels is reduced while it is decoded, so that it is never in memory whole. */
const MAX_DECODED_PIXELS = 2 ** 24;
const FORMATS = new Set(['jpeg', 'png', 'webp']);

/**
 * Reads a JPEG, PNG or WebP picture, upright by its EXIF orientation, with transparent parts white. Color profiles are
 * ignored, as Pillow does, so that the bytes are Pillow's.
 * @throws UserError naming the file where it is another kind of file, damaged, or has more than 2²⁸ pixels
 */
export async function readPicture(path: string): Promise<Picture> {
  return decodePicture(await readUserFile(path, 'a JPEG, PNG or WebP picture', MAX_FILE_BYTES), path);
}

/** Decodes the bytes of a picture. @throws UserError as `readPicture` does */
export async function decodePicture(bytes: Buffer, name: string): Promise<Picture> {
  const expected = `${name}: expected a JPEG, PNG or WebP picture`;
  if (bytes.length === 0) throw new UserError(`${expected}, found an empty file`);
  const metadata = await decoding(expected, () => sharp(bytes, { limitInputPixels: false }).metadata());
  if (!FORMATS.has(metadata.format)) throw new UserError(`${expected}, found ${metadata.format}`);
  const { width, height } = metadata.autoOrient;
  if (width * height > MAX_PIXELS)
    throw new UserError(`${name}: expected a picture of at most ${MAX_PIXELS} pixels, found ${height} × ${width}`);
  const reduction = Math.sqrt(Math.min(1, MAX_DECODED_PIXELS / (width * height)));
  return decoding(expected, async () => {
    const options = { failOn: 'error', limitInputPixels: MAX_PIXELS, ignoreIcc: true, sequentialRead: true } as const;
    const picture = sharp(bytes, options).autoOrient();
    if (reduction === 1) return raw(picture);
    const size = { width: Math.ceil(width * reduction), height: Math.ceil(height * reduction) };
    return raw(picture.resize({ ...size, fit: 'fill' }));
  });
}

/**
 * Draws an SVG on white, by librsvg inside sharp: a drawing that it cannot draw is an error, and ends no process.
 * @throws UserError naming the drawing
 */
export async function drawSvg(svg: string, name: string): Promise<Picture> {
  return decoding(`${name}: expected a drawing`, () => raw(sharp(Buffer.from(svg), { limitInputPixels: MAX_PIXELS })));
}

async function raw(picture: Sharp): Promise<Picture> {
  const { data, info } = await picture
    .flatten({ background: 'white' })
    .toColorspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return {
    values: new Uint8Array(data.buffer, data.byteOffset, data.length),
    height: info.height,
    width: info.width,
  };
}

async function decoding<T>(expected: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const [reason = ''] = (error as Error).message.replace(/^Input buffer /, 'it ').split('\n');
    throw new UserError(`${expected}, found: ${reason}`, { cause: error });
  }
}
