import { extname, join, relative } from 'node:path';
import { UserError } from '@motley/run';
import { loadImage, type ImageOptions } from '@motley/run/node';
import { fileWithin, namesIn, pathWithin } from './folders.ts';

/** Paths and labels of the images in a folder. */
export interface ImageFolder {
  /** Path of each image. */
  readonly paths: readonly string[];
  /** [N], class indices. All 0 without classes. */
  readonly labels: Int32Array;
  /** Names of the sub-folders, sorted. Empty without classes. */
  readonly classes: readonly string[];
}

export interface ImageFolderOptions {
  /** Whether each class has a sub-folder. If not, the images lie directly in the folder. Default true. */
  readonly classes?: boolean;
}

const EXTENSIONS = new Set(['.jpg', '.jpeg', '.png']);

/**
 * Lists the images of a folder, sorted by class and name, without opening them.
 * @throws UserError naming unexpected content: a file of another type, a class without images, a link out of the folder
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
    await fileWithin(root, relative(root, path), path);
  }
  return paths;
}

/** Decoded images of a folder. */
export interface LoadedImageFolder extends ImageFolder {
  /** [N, H, W, C] */
  readonly images: Uint8Array;
  readonly count: number;
  readonly shape: readonly [height: number, width: number, channels: number];
}

export interface LoadImageFolderOptions extends ImageFolderOptions, ImageOptions {
  readonly size: { readonly height: number; readonly width: number };
  /** Size limit of the decoded images, checked before any is decoded. Default 4 GiB. */
  readonly maxBytes?: number;
}

/** Number of images in flight: sharp decodes half of them while the others wait. */
const PICTURES_AT_A_TIME = 8;

/**
 * Decodes all images of a folder to one size. For images that do not fit in memory, use `listImageFolder`, and
 * `loadImage` in a `Dataset.fromIndex`.
 * @throws UserError as `listImageFolder` and `loadImage` do
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
