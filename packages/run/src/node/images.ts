import { UserError } from '../config/errors.ts';
import { sharp } from './figures/packages.ts';
import { readUserFile } from './files.ts';

/** Decoded image, row by row. */
export interface LoadedImage {
  /** [H, W, C] */
  readonly values: Uint8Array;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export interface ImageOptions {
  /** Size to resize to, in pixels. Default: the image's own size. */
  readonly size?: { readonly height: number; readonly width: number };
  /** How an image of another aspect ratio is fitted: cropped, padded with black, or stretched. Default `crop`. */
  readonly fit?: 'crop' | 'pad' | 'stretch';
  /** 1 gray, 3 RGB, 4 RGBA. Default 3. */
  readonly channels?: 1 | 3 | 4;
  /** Maximum number of pixels, checked before decoding. Default 10⁸. */
  readonly maxPixels?: number;
}

const FITS = { crop: 'cover', pad: 'contain', stretch: 'fill' } as const;
const COLOR_SPACES = { 1: 'b-w', 3: 'srgb', 4: 'srgb' } as const;
const MAX_FILE_BYTES = 2 ** 30;

/**
 * Decodes a JPEG or PNG file to bytes [H, W, C], rotated upright by its EXIF orientation.
 * @throws UserError naming the file where it is another kind of file, damaged or too large
 */
export async function loadImage(path: string, options: ImageOptions = {}): Promise<LoadedImage> {
  const { size, fit = 'crop', channels = 3, maxPixels = 1e8 } = options;
  const bytes = await readUserFile(path, 'a JPEG or PNG picture', MAX_FILE_BYTES);
  if (bytes.length === 0) throw new UserError(`${path}: expected a JPEG or PNG picture, found an empty file`);
  const metadata = await decoding(path, () => sharp(bytes, { limitInputPixels: false }).metadata());
  if (metadata.format !== 'jpeg' && metadata.format !== 'png')
    throw new UserError(`${path}: expected a JPEG or PNG picture, found ${metadata.format}`);
  if (metadata.width * metadata.height > maxPixels)
    throw new UserError(
      `${path}: expected a picture of at most ${maxPixels} pixels, found ${metadata.height} × ${metadata.width}`,
    );
  const { data, info } = await decoding(path, () => {
    let picture = sharp(bytes, { failOn: 'error', limitInputPixels: maxPixels, autoOrient: true });
    if (size !== undefined) picture = picture.resize({ ...size, fit: FITS[fit], background: 'black' });
    picture = channels === 4 ? picture.ensureAlpha() : picture.removeAlpha();
    return picture.toColorspace(COLOR_SPACES[channels]).raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  });
  return {
    values: new Uint8Array(data.buffer, data.byteOffset, data.length),
    height: info.height,
    width: info.width,
    channels: info.channels,
  };
}

async function decoding<T>(path: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    const [reason = ''] = (error as Error).message.replace(/^Input buffer /, 'it ').split('\n');
    throw new UserError(`${path}: expected a JPEG or PNG picture, found: ${reason}`, { cause: error });
  }
}
