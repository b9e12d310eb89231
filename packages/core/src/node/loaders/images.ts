import { extname, join, relative } from 'node:path';
import { UserError } from '@motley/run';
import { readUserFile } from '@motley/run/node';
import sharp from 'sharp';
import type { ImageArray } from '../../data/augmentations/image-array.ts';
import { namesIn, pathWithin } from './folders.ts';

export interface ImageOptions {
  /** Pixels to resize to; without them the picture keeps its size. */
  readonly size?: { readonly height: number; readonly width: number };
  /**
   * How another shape is brought to the size: its edges cut off, black added, or stretched. Default `crop`.
   */
  readonly fit?: 'crop' | 'pad' | 'stretch';
  /** 1 grey, 3 red, green and blue, 4 with opacity. Default 3. */
  readonly channels?: 1 | 3 | 4;
  /** A picture of more pixels is refused before it is decoded. Default 10⁸. */
  readonly maxPixels?: number;
}

const FITS = { crop: 'cover', pad: 'contain', stretch: 'fill' } as const;
const COLOR_SPACES = { 1: 'b-w', 3: 'srgb', 4: 'srgb' } as const;
const MAX_FILE_BYTES = 2 ** 30;

/**
 * Decodes a JPEG or PNG file to bytes `[H, W, C]`, turned upright where its EXIF orientation says so.
 * @throws UserError naming the file where it is no such picture, damaged or too large
 */
export async function loadImage(path: string, options: ImageOptions = {}): Promise<ImageArray<Uint8Array>> {
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

/** The pictures of a folder. */
export interface ImageFolder {
  /** Where they are. */
  readonly paths: readonly string[];
  /** `[N]`, each one's class; all 0 without classes. */
  readonly labels: Int32Array;
  /** The sub-folders' names, sorted; none without classes. */
  readonly classes: readonly string[];
}

export interface ImageFolderOptions {
  /** Whether each class has a sub-folder; without, the pictures lie in the folder itself. Default true. */
  readonly classes?: boolean;
}

const EXTENSIONS = new Set(['.jpg', '.jpeg', '.png']);

/**
 * Lists the pictures of a folder, sorted by class and name, without opening them.
 * @throws UserError naming what is there and should not be: another file, a class without pictures, a link out of the
 * folder
 */
export async function listImageFolder(
  folder: string,
  { classes: hasClasses = true }: ImageFolderOptions = {},
): Promise<ImageFolder> {
  const names = await namesIn(folder, hasClasses ? 'a folder of class folders' : 'a folder of pictures');
  if (!hasClasses) {
    const paths = await picturesIn(folder, folder, names);
    return { paths, labels: new Int32Array(paths.length), classes: [] };
  }
  if (names.length === 0) throw new UserError(`${folder}: expected a folder for each class, found none`);
  const paths: string[] = [];
  const labels: number[] = [];
  for (const [label, name] of names.entries()) {
    const classFolder = join(folder, name);
    await pathWithin(folder, name, classFolder);
    const ofClass = await picturesIn(folder, classFolder, await namesIn(classFolder, 'the folder of a class'));
    for (const path of ofClass) {
      paths.push(path);
      labels.push(label);
    }
  }
  return { paths, labels: Int32Array.from(labels), classes: names };
}

async function picturesIn(root: string, folder: string, names: readonly string[]): Promise<string[]> {
  if (names.length === 0) throw new UserError(`${folder}: expected JPEG or PNG pictures, found none`);
  const paths = names.map((name) => join(folder, name));
  for (const path of paths) {
    if (!EXTENSIONS.has(extname(path).toLowerCase()))
      throw new UserError(`${path}: expected a JPEG or PNG picture (.jpg, .jpeg, .png), found another file or folder`);
    await pathWithin(root, relative(root, path), path);
  }
  return paths;
}

/** A folder's pictures decoded. */
export interface LoadedImageFolder extends ImageFolder {
  /** `[N, H, W, C]` */
  readonly images: Uint8Array;
  readonly count: number;
  readonly shape: readonly [height: number, width: number, channels: number];
}

export interface LoadImageFolderOptions extends ImageFolderOptions, ImageOptions {
  readonly size: { readonly height: number; readonly width: number };
  /** More pictures than fit in are refused before any is decoded. Default 4 GiB. */
  readonly maxBytes?: number;
}

/** As many as sharp decodes at a time, and as many again waiting. */
const PICTURES_AT_A_TIME = 8;

/**
 * Decodes all pictures of a folder to one size. What does not fit in memory is listed with `listImageFolder` and decoded
 * one by one with `loadImage`, in a `Dataset.fromIndex`.
 * @throws UserError as `listImageFolder` and `loadImage`
 */
export async function loadImageFolder(folder: string, options: LoadImageFolderOptions): Promise<LoadedImageFolder> {
  const { size, channels = 3, maxBytes = 4 * 2 ** 30 } = options;
  const listed = await listImageFolder(folder, options);
  const count = listed.paths.length;
  const bytesEach = size.height * size.width * channels;
  if (count * bytesEach > maxBytes)
    throw new UserError(
      `${folder}: expected pictures of at most ${maxBytes} bytes together, found ${count} of ${bytesEach}`,
    );
  const images = new Uint8Array(count * bytesEach);
  const numbered = listed.paths.entries();
  let hasFailed = false;
  const decodeRest = async (): Promise<void> => {
    for (const [index, path] of numbered) {
      if (hasFailed) return;
      try {
        images.set((await loadImage(path, options)).values, index * bytesEach);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: PICTURES_AT_A_TIME }, decodeRest));
  return { ...listed, images, count, shape: [size.height, size.width, channels] };
}
