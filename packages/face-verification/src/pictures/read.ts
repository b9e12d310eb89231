import { extname } from 'node:path';
import { UserError } from '@motley/run';
import { loadImage, readUserFile } from '@motley/run/node';
import type { Picture } from './align.ts';

const MAX_PGM_BYTES = 2 ** 26;

/**
 * Reads a JPEG, PNG or binary PGM picture, upright by its EXIF orientation.
 * @throws UserError naming the file where it is another kind of file, damaged or too large
 */
export async function readPicture(path: string): Promise<Picture> {
  if (extname(path).toLowerCase() !== '.pgm') return loadImage(path, { maxPixels: 5e7 });
  return parsePgm(await readUserFile(path, 'a PGM picture', MAX_PGM_BYTES), path);
}

/**
 * Reads a binary gray map of 8 bits, P5 (Netpbm's pgm), as RGB.
 * @throws UserError naming the file where it is none, or its values are too few
 */
export function parsePgm(bytes: Uint8Array, where: string): Picture {
  const expected = `${where}: expected a binary PGM picture of 8 bits`;
  const fields: string[] = [];
  let at = 0;
  while (fields.length < 4) {
    // Comments reach to the end of their line.
    while (at < bytes.length && (isSpace(bytes[at]!) || bytes[at] === 0x23))
      at = bytes[at] === 0x23 ? lineEnd(bytes, at) : at + 1;
    const first = at;
    while (at < bytes.length && !isSpace(bytes[at]!) && at - first < 8) at++;
    if (at === first) throw new UserError(`${expected}, found the end of the file after ${fields.length} of 4 fields`);
    fields.push(new TextDecoder().decode(bytes.subarray(first, at)));
  }
  const [kind, ...numbers] = fields;
  const [width, height, white] = numbers.map((text) => (/^\d{1,5}$/.test(text) ? Number(text) : NaN)) as [
    number,
    number,
    number,
  ];
  if (kind !== 'P5' || !(width > 0 && height > 0) || !(white > 0 && white <= 255))
    throw new UserError(`${expected}, found "${fields.join(' ').replaceAll(/[^\x20-\x7e]/g, '?')}"`);
  // The values follow after one white space; a carriage return before a line feed belongs to it.
  at += bytes[at] === 0x0d && bytes[at + 1] === 0x0a ? 2 : 1;
  if (bytes.length - at < width * height)
    throw new UserError(`${expected}, found ${Math.max(0, bytes.length - at)} of ${width * height} values`);
  const values = new Uint8Array(3 * width * height);
  for (let place = 0; place < width * height; place++)
    values.fill(Math.min(255, Math.round((255 * bytes[at + place]!) / white)), 3 * place, 3 * place + 3);
  return { values, height, width };
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);
}

function lineEnd(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(0x0a, from);
  return end < 0 ? bytes.length : end + 1;
}
