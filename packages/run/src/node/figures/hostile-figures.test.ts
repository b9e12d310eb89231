import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { attentionMaps } from './attention-maps.ts';
import { attentionOverTime } from './attention-over-time.ts';
import { barChart, histogramChart } from './bars.ts';
import { boxOverlay } from './box-overlay.ts';
import { confusionMatrix, heatMap, lineChart, scatterChart } from './charts.ts';
import { figureText } from './figure-text.ts';
import { imageGrid } from './image-grid.ts';
import { orWarning } from './or-warning.ts';
import { renderPng, textWidth } from './style.ts';

const names = { title: 'A title', xName: 'step', yName: 'loss' };
const points = [
  [0, 1],
  [1, 2],
] as const;

/** Properties that all objects and functions inherit, and those of `constructor`. */
const inherited = () => [Object.prototype, Object, Function.prototype].map((each) => Reflect.ownKeys(each));

describe('texts in figures', () => {
  it.each([
    ['\u001b[1;31mred\u001b[0m', 'red'],
    ['a\u0000b\u0007c\u009bd', 'abcd'],
    ['tab\there\r\nthere', 'tab here \nthere'],
    ['half \ud83d of a pair, \uffff', 'half  of a pair, '],
    ['größe 🙂', 'größe 🙂'],
    ['__proto__', '__p\u2060roto__'],
  ])('%j becomes %j', (given, shown) => {
    expect(figureText(given)).toBe(shown);
  });

  const odd = ['\u001b[31m__proto__\u001b[0m', 'constructor\u0000', 'a\ud800', 'toString', '<b>&'];
  it('every kind of figure takes any text, and changes nothing that all objects inherit', async () => {
    const before = inherited();
    const titles = { title: odd[0]!, subtitle: '__proto__', xName: '__proto__', yName: 'valueOf\u0001' };
    const figures = [
      lineChart({ ...titles, lines: odd.map((name) => ({ name, points })) }),
      scatterChart({ ...titles, x: [1, 2], y: [1, 2], categories: [0, 1], categoryNames: odd, xLabels: odd }),
      barChart({ ...titles, categories: odd, series: odd.map((name) => ({ name, values: odd.map(() => 1) })) }),
      histogramChart({ ...titles, series: odd.map((name) => ({ name, values: [1, 2, 3] })) }),
      heatMap({ ...titles, values: odd.map(() => 1), xLabels: odd, yLabels: ['__proto__'], cellLabels: odd }),
      confusionMatrix({ ...titles, counts: new Array<number>(25).fill(1), classNames: odd }),
      attentionMaps({
        ...titles,
        weights: [1, 2],
        shape: [1, 1, 2],
        queryLabels: ['__proto__abcdefghijkl'],
        keyLabels: odd,
      }),
      await attentionOverTime({
        ...titles,
        maps: odd.map((name) => ({ name, weights: [1, 2, 3, 4, 5] })),
        symbols: odd,
        symbolName: '__proto__',
        stepInSeconds: 1,
      }),
      await imageGrid({
        images: new Uint8Array(8),
        shape: [2, 2, 2, 1],
        title: odd[0]!,
        rowLabels: odd,
        columnLabels: odd,
      }),
      await boxOverlay({
        image: new Uint8Array(400),
        shape: [20, 20, 1],
        boxes: odd.map((label) => ({ x: 1, y: 1, width: 9, height: 9, label })),
      }),
    ];
    for (const { png } of figures) expect(png.length).toBeGreaterThan(100);
    expect(inherited()).toEqual(before);
  });

  it('the joiner takes no room and has no shape', () => {
    const page = (content: string) =>
      `<svg xmlns="http://www.w3.org/2000/svg" width="90" height="20"><text y="15">${content}</text></svg>`;
    expect(textWidth(figureText('__proto__'), 12)).toBe(textWidth('__proto__', 12));
    expect(renderPng(page(figureText('__proto__')), 1)).toEqual(renderPng(page('__proto__'), 1));
  });
});

describe('values of any size', () => {
  const tiny = [
    [0, 1e-20],
    [1, 3e-20],
    [2, 2e-20],
  ] as const;
  const usual = tiny.map(([x, y]) => [x, y * 1e20] as const);
  /** Heights of the points of the first line. */
  const heightsOf = (svg = '') =>
    [...(/<path d="([^"]*)"[^>]* stroke="#4e79a7"/.exec(svg)?.[1] ?? '').matchAll(/ ([\d.]+)/g)].map(([, y]) =>
      Number(y),
    );

  it('lines about 1e-20 are drawn as those about 1, with their own labels', () => {
    const { svg } = lineChart({ ...names, lines: [{ name: 'a', points: tiny }] });
    expect(heightsOf(svg)).toHaveLength(3);
    expect(heightsOf(svg)).toEqual(heightsOf(lineChart({ ...names, lines: [{ name: 'a', points: usual }] }).svg));
    for (const label of ['>1e-20<', '>3e-20<']) expect(svg).toContain(label);
  });

  it.each([1e-20, 1e-300, 5e-324, 1e-13, 1, 1e300, Number.MAX_VALUE])('every chart takes values about %s', (size) => {
    const values = [size, size / 2, -size];
    const lines = [{ name: 'a', points: values.map((y) => [y, y] as const) }];
    expect(lineChart({ ...names, lines }).svg).toContain('<path');
    lineChart({ ...names, logY: true, lines: [{ name: 'a', points: values.map((y) => [1, Math.abs(y)] as const) }] });
    scatterChart({ ...names, x: values, y: values, categories: [0, 0, 0], categoryNames: ['a'] });
    barChart({ ...names, categories: ['a', 'b', 'c'], series: [{ name: 'a', values, errors: values.map(Math.abs) }] });
    histogramChart({ ...names, series: [{ name: 'a', values }] });
    heatMap({ ...names, values, xLabels: ['a', 'b', 'c'], yLabels: ['d'] });
    attentionMaps({ ...names, weights: values, shape: [1, 1, 3] });
  });
});

describe('a picture that fails', () => {
  it('is a warning', async () => {
    expect(await orWarning('x', () => 3)).toBe(3);
    const failing = (): Promise<number> => Promise.reject(new Error('no\nroom'));
    expect(await orWarning('x', failing)).toBeUndefined();
    const aborted = new DOMException('stop', 'AbortError');
    const draw = (): Promise<never> => Promise.reject(aborted);
    await expect(orWarning('x', draw)).rejects.toBe(aborted);
  });

  it('leaves nothing that keeps the process alive', () => {
    const file = join(import.meta.dirname, 'charts.ts');
    // A page without width cannot be rendered.
    const program = `
      const { lineChart } = await import(${JSON.stringify(file)});
      const lines = [{ name: 'a', points: [[0, 1], [1, 2]] }];
      try { lineChart({ title: 't', xName: 'x', yName: 'y', lines, width: 0 }); console.log('drawn'); }
      catch (error) { console.log('failed'); }`;
    const node = ['--conditions=@motley/source', '--import', 'tsx', '--input-type=module', '--eval', program];
    const printed = execFileSync(process.execPath, node, { encoding: 'utf8', timeout: 30_000 });
    expect(printed).toBe('failed\n');
  });
});
