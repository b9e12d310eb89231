import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { UserError } from '@motley/run';
import { loadImage } from '@motley/run/node';
import sharp, { type Sharp } from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listImageFolder, loadImageFolder } from './images.ts';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'motley-images-'));
  folder = join(root, 'pictures');
  await mkdir(folder);
});
afterEach(() => rm(root, { recursive: true }));

const RED = [200, 10, 10] as const;
const BLUE = [10, 10, 200] as const;

/** An image whose left and right halves have different colors. */
function picture(height: number, width: number, left: readonly number[] = RED, right: readonly number[] = BLUE) {
  const values = new Uint8Array(height * width * left.length);
  for (let pixel = 0; pixel < height * width; pixel++)
    values.set(pixel % width < width / 2 ? left : right, pixel * left.length);
  return sharp(values, { raw: { height, width, channels: left.length as 1 | 3 | 4 } });
}

async function save(name: string, image: Sharp): Promise<string> {
  const path = join(folder, name);
  await image.toFile(path);
  return path;
}

const pixel = (image: { values: Uint8Array; width: number; channels: number }, row: number, column: number) => [
  ...image.values.subarray((row * image.width + column) * image.channels).subarray(0, image.channels),
];

const good = await picture(64, 64).jpeg().toBuffer();
const noise = await sharp({
  create: {
    width: 64,
    height: 64,
    channels: 3,
    background: 'black',
    noise: { type: 'gaussian', mean: 128, sigma: 60 },
  },
})
  .png()
  .toBuffer();
const gif = await picture(2, 2).gif().toBuffer();

describe('loadImage', () => {
  it('decodes a PNG exactly and a JPEG approximately', async () => {
    const png = await loadImage(await save('a.png', picture(4, 6)));
    expect([png.height, png.width, png.channels]).toEqual([4, 6, 3]);
    expect([pixel(png, 0, 0), pixel(png, 3, 5)]).toEqual([RED, BLUE]);
    const jpeg = await loadImage(await save('a.jpg', picture(16, 32).jpeg({ quality: 95 })));
    for (const [channel, value] of pixel(jpeg, 8, 4).entries()) expect(Math.abs(value - RED[channel]!)).toBeLessThan(8);
  });

  it.each([
    ['crop', [RED, BLUE], [RED, BLUE]],
    [
      'pad',
      [
        [0, 0, 0],
        [0, 0, 0],
      ],
      [RED, BLUE],
    ],
    ['stretch', [RED, BLUE], [RED, BLUE]],
  ] as const)('resizes: %s', async (fit, corners, middle) => {
    const path = await save('a.png', picture(8, 16));
    const image = await loadImage(path, { size: { height: 8, width: 8 }, fit });
    expect([image.height, image.width]).toEqual([8, 8]);
    expect([pixel(image, 0, 0), pixel(image, 0, 7)]).toEqual(corners);
    const near = [pixel(image, 4, 1), pixel(image, 4, 6)];
    for (const [side, color] of middle.entries())
      for (const [channel, value] of color.entries()) expect(Math.abs(near[side]![channel]! - value)).toBeLessThan(40);
  });

  it('converts any image to the requested channels', async () => {
    const gray = await loadImage(await save('gray.png', picture(2, 2, [30], [60])), { channels: 3 });
    expect([gray.channels, pixel(gray, 0, 0)]).toEqual([3, [30, 30, 30]]);
    const seeThrough = await save('clear.png', picture(2, 2, [200, 10, 10, 40], [10, 10, 200, 255]));
    expect(pixel(await loadImage(seeThrough), 0, 0)).toEqual(RED);
    expect(pixel(await loadImage(seeThrough, { channels: 4 }), 0, 0)).toEqual([200, 10, 10, 40]);
    expect(pixel(await loadImage(seeThrough, { channels: 1 }), 0, 0).length).toBe(1);
    const deep = new Uint16Array(4).fill(0x8080);
    const path = await save(
      'deep.png',
      sharp(deep, { raw: { height: 2, width: 2, channels: 1 } }).toColorspace('grey16'),
    );
    expect((await sharp(path).metadata()).depth).toBe('ushort');
    expect(pixel(await loadImage(path, { channels: 1 }), 0, 0)).toEqual([0x80]);
    const palette = await save('palette.png', picture(2, 2).png({ palette: true }));
    expect(pixel(await loadImage(palette), 0, 1)).toEqual(BLUE);
  });

  it('applies the EXIF orientation', async () => {
    // Orientation 6: the image's left edge becomes its top edge.
    const path = await save('turned.jpg', picture(16, 32).jpeg({ quality: 95 }).withMetadata({ orientation: 6 }));
    const image = await loadImage(path);
    expect([image.height, image.width]).toEqual([32, 16]);
    expect(pixel(image, 2, 8)[0]).toBeGreaterThan(150);
    expect(pixel(image, 29, 8)[2]).toBeGreaterThan(150);
  });

  it.each([
    ['empty', Buffer.alloc(0), 'expected a JPEG or PNG picture, found an empty file'],
    [
      'text',
      Buffer.from('<html>404</html>'),
      'expected a JPEG or PNG picture, found: it contains unsupported image format',
    ],
    ['another format', gif, 'expected a JPEG or PNG picture, found gif'],
  ])('refuses a file that is %s', async (_, bytes, message) => {
    const path = join(folder, 'a.jpg');
    await writeFile(path, bytes);
    await expect(loadImage(path)).rejects.toThrow(new UserError(`${path}: ${message}`));
  });

  it.each([
    ['JPEG', good.subarray(0, good.length - 200), 'premature end'],
    ['PNG', noise.subarray(0, 3000), 'read error'],
  ])('refuses a truncated %s', async (_, bytes, reason) => {
    const path = join(folder, 'a.jpg');
    await writeFile(path, bytes);
    const loading = loadImage(path);
    await expect(loading).rejects.toThrow(UserError);
    await expect(loading).rejects.toThrow(`${path}: expected a JPEG or PNG picture, found: `);
    await expect(loading).rejects.toThrow(reason);
    await expect(loading).rejects.toThrow(/^[^\n]*$/);
  });

  it('refuses an image that is small on disk but huge in memory', async () => {
    const bomb = sharp({ create: { width: 9000, height: 9000, channels: 3, background: 'black' } }).png();
    const path = await save('bomb.png', bomb);
    await expect(loadImage(path, { maxPixels: 1e6 })).rejects.toThrow(
      new UserError(`${path}: expected a picture of at most 1000000 pixels, found 9000 × 9000`),
    );
  });
});

describe('loadImageFolder', () => {
  const size = { height: 4, width: 4 };
  const addClass = (name: string) => mkdir(join(folder, name));

  it('labels images by their folders, in sorted order', async () => {
    await addClass('zebra');
    await addClass('Ant');
    for (let index = 0; index < 20; index++)
      await save(`zebra/${String(index).padStart(2, '0')}.png`, picture(4, 4, [index, 0, 0]));
    await save('Ant/b.PNG', picture(5, 9, RED, RED));
    await writeFile(join(folder, '.DS_Store'), '');
    await writeFile(join(folder, 'zebra/Thumbs.db'), '');
    const loaded = await loadImageFolder(folder, { size });
    expect(loaded.classes).toEqual(['Ant', 'zebra']);
    expect([...loaded.labels]).toEqual([0, ...new Array<number>(20).fill(1)]);
    expect([loaded.count, loaded.shape]).toEqual([21, [4, 4, 3]]);
    expect([...loaded.images.subarray(0, 3)]).toEqual(RED);
    for (let index = 0; index < 20; index++) expect(loaded.images[(index + 1) * 48]).toBe(index);
    expect(loaded.paths[20]).toBe(join(folder, 'zebra/19.png'));
  });

  it('lists a folder without classes', async () => {
    await save('b.png', picture(2, 2));
    await save('a.png', picture(2, 2));
    expect(await listImageFolder(folder, { classes: false })).toEqual({
      paths: [join(folder, 'a.png'), join(folder, 'b.png')],
      labels: new Int32Array(2),
      classes: [],
    });
  });

  it("accepts any spelling of a folder's path", async () => {
    await addClass('a');
    await save('a/1.png', picture(2, 2));
    for (const written of [`${folder}/`, relative('.', folder), `./${relative('.', folder)}//`])
      expect((await loadImageFolder(written, { size })).count).toBe(1);
  });

  it('refuses folders with other content', async () => {
    await expect(listImageFolder(folder)).rejects.toThrow(
      new UserError(`${folder}: expected a folder for each class, found none`),
    );
    await expect(listImageFolder(join(folder, 'none'))).rejects.toThrow(
      new UserError(`${join(folder, 'none')}: expected a folder of class folders, found: no such file or folder`),
    );
    await addClass('a');
    await expect(listImageFolder(folder)).rejects.toThrow(
      new UserError(`${folder}/a: expected JPEG or PNG pictures, found none`),
    );
    await save('a/1.png', picture(2, 2));
    await writeFile(join(folder, 'labels.csv'), 'a,b');
    await expect(listImageFolder(folder)).rejects.toThrow(
      new UserError(`${folder}/labels.csv: expected the folder of a class, found: it is a file`),
    );
    await rm(join(folder, 'labels.csv'));
    await writeFile(join(folder, 'a/notes.txt'), 'hello');
    await expect(listImageFolder(folder)).rejects.toThrow(
      new UserError(
        `${folder}/a/notes.txt: expected a JPEG or PNG picture (.jpg, .jpeg, .png), found another file or folder`,
      ),
    );
    await rm(join(folder, 'a/notes.txt'));
    await expect(loadImageFolder(folder, { size, maxBytes: 47 })).rejects.toThrow(
      new UserError(`${folder}: expected pictures of at most 47 bytes together, found 1 of 48`),
    );
    await writeFile(join(folder, 'a/2.jpg'), 'no picture');
    await expect(loadImageFolder(folder, { size })).rejects.toThrow(
      `${folder}/a/2.jpg: expected a JPEG or PNG picture`,
    );
  });

  it('follows links within the folder and refuses links out of it', async () => {
    await addClass('a');
    const inside = await save('a/1.png', picture(2, 2));
    await symlink(inside, join(folder, 'a/2.png'));
    expect((await listImageFolder(folder)).paths.length).toBe(2);
    await picture(2, 2).toFile(join(root, 'secret.png'));
    await symlink(join(root, 'secret.png'), join(folder, 'a/3.png'));
    await expect(listImageFolder(folder)).rejects.toThrow(
      new UserError(`${folder}/a/3.png: expected a path within ${folder}, found a link to ${join(root, 'secret.png')}`),
    );
    await rm(join(folder, 'a/3.png'));
    await symlink(root, join(folder, 'b'));
    await expect(listImageFolder(folder)).rejects.toThrow(
      `${folder}/b: expected a path within ${folder}, found a link to`,
    );
  });
});
