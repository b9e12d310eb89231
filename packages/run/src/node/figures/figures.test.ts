import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { heatMap, lineChart, scatterChart } from './charts.ts';
import type { Figure } from './figure.ts';
import { imageGrid } from './image-grid.ts';
import { HEAT_COLORS, PALETTE, escapeMarkup } from './style.ts';

interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly at: (x: number, y: number) => number[];
  readonly count: (hex: string) => number;
}

async function pixelsOf({ png }: Figure): Promise<Pixels> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const at = (x: number, y: number): number[] => [
    ...data.subarray((y * info.width + x) * 3, (y * info.width + x) * 3 + 3),
  ];
  const count = (hex: string): number => {
    const wanted = Buffer.from(hex.slice(1), 'hex');
    let found = 0;
    for (let index = 0; index < data.length; index += 3) if (wanted.equals(data.subarray(index, index + 3))) found++;
    return found;
  };
  return { width: info.width, height: info.height, at, count };
}
const names = { title: 'A title', xName: 'epoch', yName: 'loss (nats)' };

describe('charts', () => {
  it('draw lines in the colors of the palette, with title, axes and legend', async () => {
    const points = [
      [1, 3],
      [2, Number.NaN],
      [3, 1],
    ] as const;
    const figure = lineChart({
      ...names,
      lines: [
        { name: 'train', points },
        {
          name: 'test',
          points: [
            [1, 2],
            [3, 2],
          ],
        },
      ],
    });
    for (const text of ['A title', 'epoch', 'loss (nats)', '>train<', '>test<']) expect(figure.svg).toContain(text);
    expect(figure.svg).not.toContain('NaN');
    const pixels = await pixelsOf(figure);
    expect([pixels.width, pixels.height]).toEqual([1520, 960]);
    expect(pixels.at(0, 0)).toEqual([255, 255, 255]);
    for (const color of PALETTE.slice(0, 2)) expect(pixels.count(color)).toBeGreaterThan(500);
    expect(pixels.count(PALETTE[2])).toBe(0);
    // Text needs the packaged font; without it there would be no ink.
    expect(pixels.count('#2b2f36')).toBeGreaterThan(500);
  });

  it('draw points in the colors of their categories', () => {
    const figure = scatterChart({
      ...names,
      x: [0, 1, 2],
      y: Float32Array.of(0, 1, 0),
      categories: Uint8Array.of(0, 1, 1),
      categoryNames: ['zero', 'one', 'two'],
    });
    expect(figure.svg).toContain('>two<');
    expect(figure.svg!.match(/fill="#f28e2b"/g)!.length).toBeGreaterThan(figure.svg!.match(/fill="#4e79a7"/g)!.length);
  });

  it('draw a heat map from light to dark, with its values', async () => {
    const figure = heatMap({
      ...names,
      values: [0, 0.5, 0.25, 1],
      xLabels: ['a', 'b'],
      yLabels: ['c', 'd'],
      decimals: 2,
    });
    for (const text of ['0.00', '0.50', '0.25', '1.00']) expect(figure.svg).toContain(`>${text}<`);
    const pixels = await pixelsOf(figure);
    expect(pixels.count(HEAT_COLORS[0])).toBeGreaterThan(10_000);
    expect(pixels.count(HEAT_COLORS.at(-1)!)).toBeGreaterThan(10_000);
  });
});

describe('imageGrid', () => {
  it('places gray images row by row, enlarged without blur', async () => {
    const images = Float32Array.of(0, 1, 0.5, -3, 2, 0, 0, 0, 0.2, 0.2, 0.2, 0.2);
    const { png } = await imageGrid({ images, shape: [3, 2, 2, 1], columns: 2, scale: 3, gap: 4 });
    const pixels = await pixelsOf({ png });
    expect([pixels.width, pixels.height]).toEqual([16 * 2 + 6 * 2 + 4, 16 * 2 + 6 * 2 + 4]);
    const gray = (x: number, y: number): number => pixels.at(x, y)[0]!;
    expect([gray(16, 16), gray(18, 18), gray(19, 16), gray(21, 18), gray(16, 19), gray(19, 19)]).toEqual([
      0, 0, 255, 255, 128, 0,
    ]);
    expect([gray(26, 16), gray(16, 26), gray(24, 16), gray(30, 30)]).toEqual([255, 51, 255, 255]);
  });

  it('takes RGB and bytes', async () => {
    const pixels = await pixelsOf(
      await imageGrid({
        images: Uint8Array.of(255, 0, 0, 0, 0, 255),
        shape: [2, 1, 1, 3],
        columns: 2,
        scale: 1,
        gap: 0,
      }),
    );
    expect([pixels.at(16, 16), pixels.at(17, 16)]).toEqual([
      [255, 0, 0],
      [0, 0, 255],
    ]);
  });

  it('leaves space for title and labels', async () => {
    const images = new Uint8Array(8);
    const bare = await pixelsOf(await imageGrid({ images, shape: [2, 2, 2, 1], columns: 1 }));
    const labeled = await pixelsOf(
      await imageGrid({
        images,
        shape: [2, 2, 2, 1],
        columns: 1,
        title: 'a & <b>',
        rowLabels: ['original', 'reconstructed'],
        columnLabels: ['7'],
      }),
    );
    expect(labeled.width).toBeGreaterThan(bare.width + 90);
    expect(labeled.height).toBeGreaterThan(bare.height + 40);
    expect(labeled.count('#2b2f36')).toBeGreaterThan(50);
  });

  it('refuses values that do not fill the shape', async () => {
    await expect(imageGrid({ images: new Uint8Array(3), shape: [1, 2, 2, 1] })).rejects.toThrow(
      'expected 4 values for shape [1, 2, 2, 1], got 3',
    );
  });
});

it('escapes markup in texts', () => {
  expect(escapeMarkup(`<a href="x">'&'</a>`)).toBe('&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;');
});
