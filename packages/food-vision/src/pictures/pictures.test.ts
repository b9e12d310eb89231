import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { UserError } from '@motley/run';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodePicture, drawSvg } from './decode.ts';
import { frame } from './framing.ts';
import { normalize, squareOf } from './preprocess.ts';
import reference from './reference.json' with { type: 'json' };
import { cropCenter, type Filter, type Picture, resize } from './resample.ts';

/** The pictures of `reference.py`. */
function picture(seed: number, [height, width]: readonly number[]): Picture {
  const values = Uint8Array.from({ length: height! * width! * 3 }, (_, place) => {
    const [row, column, channel] = [Math.floor(place / (3 * width!)), Math.floor(place / 3) % width!, place % 3];
    const blocks = ((Math.floor(row / 9) + Math.floor(column / 7) + channel + seed) % 2) * 255;
    if ((Math.floor(row / 16) + Math.floor(column / 16)) % 3 === 0) return blocks;
    if (row % 5 === 0) return Math.floor(((place * 2654435761 + seed * 40503) % 2 ** 32) / 2 ** 24);
    return (row * 7 + column * (channel + 3) * 5 + seed * 31) % 256;
  });
  return { values, height: height!, width: width! };
}

const sha256 = ({ values }: Picture) => createHash('sha256').update(values).digest('hex');

describe('resampling', () => {
  it.each(reference.resized)("has Pillow's bytes from $from to $to, $filter", (each) => {
    const [height, width] = each.to as [number, number];
    const resized = resize(picture(each.seed, each.from), height, width, each.filter as Filter);
    expect([resized.height, resized.width]).toEqual(each.to);
    expect(sha256(resized)).toBe(each.sha256);
  });

  it.each(reference.squares)("has torchvision's square of $from: $resizeSize, $cropSize, $filter", (each) => {
    const preprocessing = { ...each, filter: each.filter as Filter, mean: [], deviation: [] };
    expect(sha256(squareOf(picture(each.seed, each.from), preprocessing))).toBe(each.sha256);
  });

  it('refuses to crop more than there is', () => {
    expect(() => cropCenter(picture(0, [10, 20]), 12)).toThrow('expected at least 12 × 12 pixels, got 10 × 20');
  });
});

it('normalizes with the rounding of float32', () => {
  const preprocessing = { resizeSize: 1, cropSize: 1, filter: 'bicubic', mean: [0.485, 0.456, 0.406] } as const;
  const values = normalize(new Uint8Array([0, 128, 255]), { ...preprocessing, deviation: [0.229, 0.224, 0.225] });
  // NumPy's (v / 255 - mean) / deviation in float32
  expect(Array.from(values)).toEqual([-2.1179039478302, 0.20518219470977783, 2.640000104904175]);
});

describe('decoding', () => {
  it.each(reference.files)("has Pillow's bytes: $kind, orientation $orientation", async (each) => {
    const decoded = await decodePicture(Buffer.from(each.bytes, 'base64'), 'a file');
    expect([decoded.height, decoded.width]).toEqual(each.size);
    expect(sha256(decoded)).toBe(each.sha256);
  });

  it('lays transparent parts on white', async () => {
    const clear = { width: 2, height: 1, channels: 4, background: { r: 9, g: 9, b: 9, alpha: 0 } } as const;
    const { values } = await decodePicture(await sharp({ create: clear }).png().toBuffer(), 'clear');
    expect(Array.from(values)).toEqual(Array<number>(6).fill(255));
  });

  it('reduces a large picture while it is read, upright', async () => {
    const large = { width: 6000, height: 3000, channels: 3, background: 'red' } as const;
    const bytes = await sharp({ create: large }).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    const { height, width, values } = await decodePicture(bytes, 'large');
    expect(height * width).toBeLessThan(2 ** 24 * 1.01);
    expect(height / width).toBeCloseTo(2, 2);
    expect(values[0]).toBeGreaterThan(250);
    expect(values[1]).toBeLessThan(5);
  });

  it.each([
    ['an empty file', Buffer.alloc(0), 'found an empty file'],
    ['a text', Buffer.from('no picture'), 'found: it contains unsupported image format'],
    ['a picture of another format', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'found'],
    ['a cut file', Buffer.from(reference.files[0]!.bytes, 'base64').subarray(0, 700), 'found'],
  ])('refuses %s in one line', async (_, bytes, message) => {
    const error = await decodePicture(bytes, 'a.jpg').catch((each: unknown) => each as Error);
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toMatch(/^a\.jpg: expected a JPEG, PNG or WebP picture, found/);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toContain('\n');
  });

  it('refuses too many pixels before it decodes them', async () => {
    const dot = { width: 1, height: 1, channels: 3, background: 'red' } as const;
    const bytes = Buffer.from(await sharp({ create: dot }).png().toBuffer());
    for (const place of [16, 20]) bytes.writeUInt32BE(40_000, place); // width and height
    bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
    await expect(decodePicture(bytes, 'huge.png')).rejects.toThrow(
      'huge.png: expected a picture of at most 268435456 pixels, found 40000 × 40000',
    );
  });
});

describe('drawing', () => {
  it('draws an SVG on white', async () => {
    const svg =
      '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"><rect width="2" height="2" fill="blue"/></svg>';
    const { values, height, width } = await drawSvg(svg, 'a drawing');
    expect([height, width]).toEqual([2, 4]);
    expect(Array.from(values.subarray(0, 3))).toEqual([0, 0, 255]);
    expect(Array.from(values.subarray(9, 12))).toEqual([255, 255, 255]);
  });

  it('names what it cannot draw', async () => {
    await expect(drawSvg('<svg><rect></svg>', 'noto: pizza')).rejects.toThrow('noto: pizza: expected a drawing, found');
  });
});

describe('framing', () => {
  const preprocessing = { resizeSize: 16, cropSize: 14, filter: 'bilinear', mean: [], deviation: [] } as const;

  it('shows all of a drawing, without its border', () => {
    const values = new Uint8Array(40 * 60 * 3).fill(250);
    for (let row = 5; row < 33; row++) for (let at = 3 * 10; at < 3 * 20; at++) values[row * 180 + at] = 0;
    const { height, width, values: seen } = frame({ values, height: 40, width: 60 }, preprocessing, 'whole');
    expect([height, width]).toEqual([14, 14]);
    const dark = Array.from({ length: 14 }, (_, row) => Array.from(seen.subarray(row * 42, row * 42 + 42)));
    // As high as the crop, and 10 of 28 as wide.
    for (const row of [1, 7, 12]) {
      expect(dark[row]!.slice(0, 9)).toEqual(Array<number>(9).fill(255));
      expect(dark[row]!.slice(18, 24)).toEqual(Array<number>(6).fill(0));
    }
  });

  it('takes an even picture as it is, and crops a photograph as torchvision does', () => {
    const even = { values: new Uint8Array(30 * 20 * 3).fill(7), height: 30, width: 20 };
    expect(new Set(frame(even, preprocessing, 'crop').values)).toEqual(new Set([7]));
    expect(frame(even, preprocessing, 'whole').values[3 * (7 * 14 + 7)]).toBe(7);
    const whole = picture(3, [48, 64]);
    expect(frame(whole, preprocessing, 'crop')).toEqual(squareOf(whole, preprocessing));
  });
});
