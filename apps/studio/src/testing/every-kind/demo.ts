import {
  activations,
  boxes,
  choice,
  curves,
  defineDemo,
  forecast,
  heatMap,
  highlightedWords,
  image,
  imageGrid,
  labels,
  pad,
  path,
  picture,
  series,
  sketch,
  slider,
  sound,
  streamedText,
  tableRow,
  text,
} from '@motley/core/demo';
import { yieldToEventLoop } from '@motley/run';

const RAMP = Float32Array.from({ length: 12 }, (_, index) => index / 11);
const GRADIENT = { width: 16, height: 16, gray: Float32Array.from({ length: 256 }, (_, index) => index / 255) };

/** Runs that were begun and that were aborted. */
const counts = { begun: 0, aborted: 0 };

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);

/** A demo with every kind of control and view: it shows what it is given. */
export default defineDemo({
  title: 'Every kind',
  description: 'Shows the values that it is given.',
  inputs: {
    sketch: sketch({ size: 20, of: 'black on white' }),
    picture: picture({
      maxPixels: 1_000_000,
      examples: {
        count: 2,
        make: (index) => ({ width: 4, height: 2, data: new Uint8Array(24).fill(100 + index) }),
      },
    }),
    text: text({ default: 'hello', lines: 2 }),
    sound: sound({
      sampleRate: 8000,
      maxSeconds: 2,
      examples: { count: 1, make: () => Float32Array.from({ length: 4000 }, (_, index) => Math.sin(index / 9)) },
    }),
    slider: slider({ min: 0, max: 10, default: 5, step: 1 }),
    choice: choice({ options: ['first', 'second', 'endless', 'fails'], default: 'first' }),
    row: tableRow({
      columns: [
        { name: 'age', min: 0, max: 99, default: 40 },
        { name: 'color', categories: ['red', 'green'], default: 'red' },
      ],
    }),
    series: series({ length: 12, min: -1, max: 1 }),
    pad: pad({ x: [-2, 2], y: [-2, 2] }),
  },
  outputs: {
    echo: streamedText(),
    labels: labels({ top: 2 }),
    image: image(),
    grid: imageGrid({ columns: 3 }),
    boxes: boxes(),
    attention: heatMap({ rows: 'Target', columns: 'Source' }),
    forecast: forecast(),
    words: highlightedWords(),
    path: path(),
    activations: activations(),
    curves: curves(),
  },
  load: () => null,
  run: async (_, values, { signal, emit }) => {
    counts.begun++;
    if (values.choice === 'fails') throw new Error('the demo fails as it was told\nand says more');
    const echo = {
      sketch: sum(values.sketch),
      picture: [values.picture.width, values.picture.height, sum(values.picture.data)],
      text: values.text,
      sound: values.sound.length,
      slider: values.slider,
      choice: values.choice,
      row: values.row,
      series: Array.from(values.series, (value) => Number(value.toFixed(3))),
      pad: values.pad,
    };
    if (values.choice === 'endless') {
      for (let step = 0; !signal.aborted; step++) {
        await emit({ echo: JSON.stringify({ ...echo, step, ...counts }) });
        for (let wait = 0; wait < 5; wait++) await yieldToEventLoop();
      }
      counts.aborted++;
      return {};
    }
    const later = Float32Array.from({ length: 6 }, (_, index) => 1 + index / 10);
    return {
      echo: JSON.stringify({ ...echo, ...counts }),
      labels: [
        { label: 'rare', score: 0.1 },
        { label: 'likely', score: 0.9 },
        { label: 'never', score: 0 },
      ],
      image: GRADIENT,
      grid: [{ image: GRADIENT, caption: 'first' }, { image: values.picture }, { image: GRADIENT }],
      boxes: {
        image: GRADIENT,
        boxes: [{ left: 2, top: 2, width: 8, height: 6, label: 'thing', score: 0.8 }],
      },
      attention: {
        values: RAMP,
        height: 3,
        width: 4,
        rows: ['der', 'Hund', 'bellt'],
        columns: ['the', 'dog', 'barks', '.'],
      },
      forecast: {
        past: RAMP,
        forecast: later,
        low: later.map((value, index) => value - 0.1 * index),
        high: later.map((value, index) => value + 0.1 * index),
      },
      words: [
        { word: 'good', weight: 0.9 },
        { word: 'and', weight: 0 },
        { word: 'bad', weight: -0.7 },
      ],
      path: {
        columns: [
          [{ id: 'in', label: 'in', share: 1 }],
          [
            { id: 'left', label: 'left', share: 0.8 },
            { id: 'right', label: 'right', share: 0.2 },
          ],
        ],
        edges: [
          { from: 'in', to: 'left', share: 1 },
          { from: 'in', to: 'right', share: 0 },
        ],
      },
      activations: [{ name: 'layer', values: RAMP, height: 3, width: 4 }],
      curves: [
        { name: 'a', x: RAMP, y: RAMP },
        { name: 'b', x: RAMP, y: RAMP.map((value) => 1 - value) },
      ],
    };
  },
});
