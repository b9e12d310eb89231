import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { largest, smallest } from '../../statistics/extremes.ts';
import { attentionMaps } from './attention-maps.ts';
import { attentionOverTime } from './attention-over-time.ts';
import { barChart, histogramChart } from './bars.ts';
import { boxOverlay } from './box-overlay.ts';
import { confusionMatrix, heatMap, lineChart, scatterChart, type HeatMapOptions } from './charts.ts';
import type { Figure } from './figure.ts';
import { forecastChart } from './forecast.ts';
import { binValues } from './histogram-bins.ts';
import { learningCurves } from './learning-curves.ts';
import { spectrogram } from './spectrogram.ts';
import { HEAT_COLORS, PALETTE } from './style.ts';

const names = { title: 'A title', xName: 'x', yName: 'y' };

async function pixelsOf({ png }: Figure): Promise<(x: number, y: number) => string> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return (x, y) => {
    const start = (y * info.width + x) * 3;
    return `#${data.subarray(start, start + 3).toString('hex')}`;
  };
}
/** Bodies of the paths of the SVG, or matches of another `pattern`. */
const all = ({ svg = '' }: Figure, pattern: RegExp): string[] => [...svg.matchAll(pattern)].map((match) => match[1]!);
const numbersIn = (text: string): number[] => (text.match(/-?\d+(\.\d+)?/g) ?? []).map(Number);

describe('bins', () => {
  it('count finite values, edges included', () => {
    const { edges, counts } = binValues([0, 0.1, 1, 2, NaN, Infinity], 4);
    expect([...edges]).toEqual([0, 0.5, 1, 1.5, 2]);
    expect([...counts]).toEqual([2, 0, 1, 1]);
    expect([...binValues([3, 3], 2).counts]).toEqual([2, 0]);
    expect([...binValues([-1, 0, 5, 11], 2, [0, 10]).counts]).toEqual([1, 1]);
    expect(() => binValues([NaN], 3)).toThrow('expected a finite value');
  });
});

describe('a forecast', () => {
  const options = { ...names, actual: [[0, 1] as const, [1, 2] as const], x: [1, 2] };

  it('is a line in bands, the widest first', () => {
    const figure = forecastChart({
      ...options,
      quantiles: { 0.05: [0, 0], 0.25: [1, 1], 0.5: [2, 3], 0.75: [3, 5], 0.95: [4, 6] },
      others: [{ name: 'naive', points: [[1, 2]] }],
    });
    for (const text of ['actual', 'forecast', 'naive', '90 %', '50 %']) expect(figure.svg).toContain(`>${text}<`);
    // In the color of the forecast, four corners each.
    const bands = all(figure, /<polygon points="([^"]+)" fill="#f28e2b"/g);
    const heights = bands.map((path) => {
      const ys = numbersIn(path).filter((_, index) => index % 2 === 1);
      return largest(ys) - smallest(ys);
    });
    expect(heights).toHaveLength(2);
    expect(heights[0]).toBeGreaterThan(heights[1]!);
  });

  it('needs a median, and levels in pairs', () => {
    expect(() => forecastChart({ ...options, quantiles: { 0.1: [1, 1] } })).toThrow(
      'expected the median, 0.5, among 0.1',
    );
    expect(() => forecastChart({ ...options, quantiles: { 0.1: [1, 1], 0.5: [1, 1] } })).toThrow(
      'expected the level 0.9 beside 0.1',
    );
  });
});

it('draws learning curves of the same name as their mean in a band', () => {
  const run = (name: string, ...losses: number[]) => ({
    name,
    records: losses.map((loss, step) => ({
      step,
      epoch: 1,
      split: 'validation' as const,
      timeInSeconds: 0,
      metrics: { loss },
    })),
  });
  const options = { title: 'A title', yName: 'loss', split: 'validation' as const, metric: 'loss' };
  const figure = learningCurves({ ...options, runs: [run('dense', 4, 2), run('dense', 8, 4, 1), run('other', 6, 3)] });
  // Both lines are equal: the mean of 4 and 8, of 2 and 4. The third step exists in one run only.
  const lines = [PALETTE[0], PALETTE[1]].map((color) =>
    all(figure, new RegExp(`d="([^"]+)" fill="none"[^>]* stroke="${color}"`, 'g')).at(0),
  );
  expect(lines[0]).toBeDefined();
  expect(lines[0]).toBe(lines[1]);
  expect(all(figure, /<polygon points="([^"]+)" fill="#4e79a7" fill-opacity="0\.2"/g)).toHaveLength(1);
});

describe('bars', () => {
  it('stand side by side on zero, with whiskers at their centers', () => {
    const figure = barChart({
      ...names,
      categories: ['a', 'b'],
      series: [
        { name: 'ours', values: [2, 4], errors: [1, 0.5] },
        { name: 'theirs', values: [3, 3] },
      ],
    });
    // `M x bottom l width 0 l 0 -height l -width 0 Z`
    const bars = all(figure, /d="(M[^"]+l[^"]+Z)" fill="#4e79a7"/g).map(numbersIn);
    expect(bars.map(([, bottom]) => bottom)).toEqual([392, 392]);
    const [small, large] = bars.map((path) => Math.abs(path[5]!));
    expect(large! / small!).toBeCloseTo(2);
    const stems = all(figure, /d="(M[^"]+L[^"]+)" fill="[^"]*" stroke="#2b2f36"/g)
      .map(numbersIn)
      .filter(([x1, , x2]) => x1 === x2);
    expect(stems).toHaveLength(2);
    // From 1 to 3, at the center of the bar that ends at 2.
    expect(stems[0]![0]).toBeCloseTo(bars[0]![0]! + bars[0]![2]! / 2);
    expect(stems[0]![1]! - stems[0]![3]!).toBeCloseTo(small!);
  });

  it('of a histogram share their bins, and are fractions', () => {
    const figure = histogramChart({
      ...names,
      bins: 4,
      series: [
        { name: 'few', values: [0, 0, 4] },
        { name: 'many', values: Array.from({ length: 300 }, (_, index) => (index < 200 ? 0 : 4)) },
      ],
    });
    const [few, many] = [PALETTE[0], PALETTE[1]].map(
      (color) => all(figure, new RegExp(`d="([^"]+)" fill="none"[^>]* stroke="${color}"`, 'g'))[0],
    );
    expect(few).toBeDefined();
    expect(few).toBe(many);
  });
});

it('a confusion matrix shows counts, colored by their fraction of the row', () => {
  const figure = confusionMatrix({ title: 'A title', counts: [90, 10, 1, 1], classNames: ['cat', 'dog'] });
  for (const text of ['90', '10', 'predicted', 'actual', 'cat']) expect(figure.svg).toContain(`>${text}<`);
  // Half of a small row is as dark as half of a large one.
  const cells = all(figure, /d="M[^"]+Z" fill="([^"]+)" stroke="#ffffff"/g);
  expect(cells).toHaveLength(4);
  expect(cells[2]).toBe(cells[3]);
  expect(cells[0]).not.toBe(cells[1]);
  expect(() => confusionMatrix({ title: '', counts: [1], classNames: ['a', 'b'] })).toThrow(
    'expected 4 counts for 2 classes',
  );
});

it('attention has one map per head', () => {
  const weights = Float32Array.of(1, 0, 0, 1, 0.5, 0.5, 0.5, 0.5, 0, 1, 1, 0);
  const figure = attentionMaps({
    title: 'A title',
    weights,
    shape: [3, 2, 2],
    queryLabels: ['le', 'chat'],
    keyLabels: ['the', 'cat'],
  });
  for (const text of ['head 1', 'head 3', 'chat', 'cat']) expect(figure.svg).toContain(`>${text}<`);
  const [lightest, darkest] = [HEAT_COLORS[0], HEAT_COLORS.at(-1)!];
  const rgb = (hex: string): string =>
    `rgb(${[1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16)).join(',')})`;
  const filled = (hex: string): number =>
    figure.svg!.split(`fill="${rgb(hex)}"`).length - 1 + (figure.svg!.split(`fill="${hex}"`).length - 1);
  expect([filled(lightest), filled(darkest)].map((count) => count >= 4)).toEqual([true, true]);
  expect(() => attentionMaps({ title: '', weights, shape: [2, 2, 2] })).toThrow(
    'expected 8 weights for shape [2, 2, 2], got 12',
  );
});

it('a spectrogram has time to the right and high frequencies at the top', async () => {
  // Loud at the end, in the highest band.
  const values = Float32Array.of(0, 0, 0, 0, 0, 10);
  const figure = await spectrogram({
    title: 'A title',
    values,
    shape: [3, 2],
    frameStepInSeconds: 0.5,
    highestFrequencyInHz: 4000,
    levelName: 'dB',
  });
  expect(figure.svg).toContain('>time (s)<');
  const at = await pixelsOf(figure);
  expect([at(2 * 600, 2 * 80), at(2 * 600, 2 * 300), at(2 * 120, 2 * 80)]).toEqual([
    HEAT_COLORS.at(-1),
    HEAT_COLORS[0],
    HEAT_COLORS[0],
  ]);
  await expect(
    spectrogram({ title: '', values, shape: [2, 2], frameStepInSeconds: 1, levelName: 'dB' }),
  ).rejects.toThrow('expected 4 values for shape [2, 2], got 6');
});

it('attention lies below its sound, symbols from top to bottom, all maps on one scale', async () => {
  const sound = {
    values: Float32Array.of(0, 0, 10, 0), // loud at the beginning of the second half, in the lower band
    shape: [2, 2],
    frameStepInSeconds: 0.5,
    bandName: 'mel band',
    levelName: 'dB',
  } as const;
  const options = { title: 'A title', symbols: ['a', ''], symbolName: 'letter', stepInSeconds: 0.5 };
  const single = await attentionOverTime({ ...options, maps: [{ weights: [1, 0, 0, 1] }], sound });
  for (const text of ['time (s)', 'letter', 'mel band', 'a']) expect(single.svg).toContain(`>${text}<`);
  const [lightest, darkest] = [HEAT_COLORS[0], HEAT_COLORS.at(-1)];
  const at = await pixelsOf(single);
  const { width, height } = await sharp(single.png).metadata();
  const [left, right] = [300, width - 2 * 200];
  // Bottom to top: the map has 56 below it, and at least 140.
  const [lowerRow, upperRow] = [height - 2 * 80, height - 2 * 180];
  expect([at(left, upperRow), at(right, upperRow), at(left, lowerRow), at(right, lowerRow)]).toEqual([
    darkest,
    lightest,
    lightest,
    darkest,
  ]);
  const [lowBand, highBand] = [2 * 210, 2 * 60];
  expect([at(left, lowBand), at(right, lowBand), at(right, highBand)]).toEqual([lightest, darkest, lightest]);

  const several = await attentionOverTime({
    ...options,
    maps: [1, 0.5].map((weight) => ({ name: `most ${weight}`, weights: [weight, 0, 0, 0] })),
  });
  for (const text of ['most 1', 'most 0.5']) expect(several.svg).toContain(`>${text}<`);
  expect(all(several, /<(image) /g)).toHaveLength(2);
  await expect(attentionOverTime({ ...options, maps: [{ weights: [1, 0, 0] }] })).rejects.toThrow(
    'expected weights of all steps for each of 2 symbols, got 3',
  );
  await expect(
    attentionOverTime({ ...options, maps: [{ weights: [1, 0] }], sound: { ...sound, shape: [3, 2] } }),
  ).rejects.toThrow('expected 6 levels for shape [3, 2], got 4');
});

it('whiskers of intervals end where these do, and what is not measured has none', () => {
  const options = { ...names, categories: ['one', 'two'], values: [2, NaN] };
  const whiskers = (part: object): number =>
    all(barChart({ ...options, series: [{ name: 'series', values: [2, NaN], ...part }] }), /(stroke-width="1.5")/g)
      .length;
  expect(
    whiskers({
      intervals: [
        [1, 4],
        [NaN, NaN],
      ],
    }),
  ).toBe(3);
  expect(whiskers({ errors: [1, NaN] })).toBe(3);
  expect(whiskers({})).toBe(0);
});

it('boxes lie at their positions, with labels inside the image', async () => {
  const figure = await boxOverlay({
    image: new Float32Array(40 * 60 * 3).fill(1),
    shape: [40, 60, 3],
    scale: 4,
    boxes: [
      { x: 10, y: 20, width: 20, height: 10 },
      { x: 50, y: 0, width: 9, height: 8, label: 'a <b>', color: 2 },
    ],
  });
  const at = await pixelsOf(figure);
  expect([at(40, 100), at(80, 80), at(120, 100), at(80, 100)]).toEqual([PALETTE[0], PALETTE[0], PALETTE[0], '#ffffff']);
  expect(at(239, 2)).toBe(PALETTE[2]);
  const { width, height } = await sharp(figure.png).metadata();
  expect([width, height]).toEqual([240, 160]);
  await expect(boxOverlay({ image: new Uint8Array(3), shape: [2, 2, 1], boxes: [] })).rejects.toThrow(
    'expected 4 values for shape [2, 2, 1], got 3',
  );
});

it('scatter charts accept logarithmic axes and named positions', () => {
  const points = { ...names, y: [1, 2], categories: [0, 0], categoryNames: ['run'] };
  expect(scatterChart({ ...points, x: [1e-4, 1e-2], logX: true }).svg).toMatch(/>0\.0001<.*>0\.001<.*>0\.01</s);
  expect(scatterChart({ ...points, x: [0, 1], xLabels: ['dense', 'wide'] }).svg).toContain('>wide<');
});

it('a legend of many rows does not cover the name of the axis', () => {
  const lines = Array.from({ length: 9 }, (_, index) => ({
    name: `a rather long name of line ${index}`,
    points: [[0, 1]] as const,
  }));
  const figure = lineChart({ ...names, xName: 'step', lines });
  const heightOf = (text: string): number =>
    Number(new RegExp(`translate\\([\\d.]+ ([\\d.]+)\\)"[^>]*>${text}<`).exec(figure.svg!)![1]);
  expect(heightOf('step')).toBeLessThan(heightOf('a rather long name of line 0') - 12);
  expect(heightOf('a rather long name of line 8')).toBeGreaterThan(heightOf('a rather long name of line 0'));
});

describe('labels of a heat map', () => {
  const names = ['horizontal line', 'vertical line', 'cross', 'circle', 'a rather long name of a class', 'five', 'six'];
  const svgOf = (options: Partial<HeatMapOptions>): string =>
    heatMap({
      title: 'T',
      xName: 'predicted',
      yName: 'actual',
      xLabels: names,
      yLabels: names,
      values: names.flatMap((_, row) => names.map((__, column) => row + column)),
      ...options,
    }).svg!;
  const times = (svg: string, label: string): number => svg.split(`>${label}<`).length - 1;

  it.each([760, 500, 320])('are all shown at %d pixels', (width) => {
    const svg = svgOf({ width });
    for (const name of names) expect([name, times(svg, name)]).toEqual([name, 2]);
  });

  it('are horizontal where there is room, and rotated otherwise', () => {
    const short = { xLabels: ['a', 'b'], yLabels: ['a', 'b'], values: [1, 2, 3, 4] };
    expect(svgOf(short)).toMatch(/viewBox="0 0 760 480"/);
    expect(svgOf({})).not.toMatch(/viewBox="0 0 760 480"/);
  });

  it('are partly left out where lines would overlap', () => {
    const many = Array.from({ length: 400 }, (_, index) => `step ${index}`);
    const svg = svgOf({ xLabels: many, yLabels: ['a'], values: many.map((_, index) => index) });
    expect(many.filter((label) => times(svg, label) > 0).length).toBeLessThan(100);
  });
});
