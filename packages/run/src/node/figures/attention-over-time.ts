import { largest } from '../../statistics/extremes.ts';
import { draw, format, linesOf, text, valueAxis } from './chart-base.ts';
import { figureText } from './figure-text.ts';
import type { Figure } from './figure.ts';
import { heatImage } from './heat-image.ts';
import { finiteRange } from './histogram-bins.ts';
import { FAINT_INK, HEAT_COLORS, textWidth } from './style.ts';

export interface AttentionOverTimeOptions {
  readonly title: string;
  readonly subtitle?: string;
  /** Maps side by side, such as those of several epochs. */
  readonly maps: readonly {
    /** Line above the map. */
    readonly name?: string;
    /** `[L, U]`, row-major: attention of each symbol to each step of time. */
    readonly weights: ArrayLike<number>;
    /** Default: that of all. */
    readonly stepInSeconds?: number;
  }[];
  /** `[L]`: labels of the rows, from top to bottom. An empty label leaves its row without one. */
  readonly symbols: readonly string[];
  /** Name of the rows: `letter`. */
  readonly symbolName: string;
  /** Time from one step to the next. */
  readonly stepInSeconds: number;
  /** Sound that is attended to, drawn above each map on the same time axis. */
  readonly sound?: {
    /** `[T, F]`, row-major: levels, the lowest frequency first. */
    readonly values: ArrayLike<number>;
    readonly shape: readonly [frames: number, bands: number];
    readonly frameStepInSeconds: number;
    /** Name of the bands: `mel band`. */
    readonly bandName: string;
    /** Name of the levels with their unit: `level (dB)`. */
    readonly levelName: string;
  };
}

const TOP = 52;
const LINE_HEIGHT = 17;
const BOTTOM = 56;
const NAME_ROOM = 24;
const SCALE_ROOM = 124;
const GAP = 28;
const SOUND_HEIGHT = 170;
const NAME_GAP = 20;
/** Sizes of maps below a sound, of a map alone, and of maps side by side. Rows have room for their labels. */
const LAYOUTS = {
  withSound: { width: 640, labelSize: 11, mostHeight: 960 },
  alone: { width: 420, labelSize: 9, mostHeight: 480 },
  beside: { width: 190, labelSize: 9, mostHeight: 480 },
} as const;
const LEAST_HEIGHT = 140;

/**
 * Attention of symbols, row by row, over time, below the spectrogram of what is attended to. All maps have one scale.
 * @throws Error where weights or levels do not fill their shapes
 */
export async function attentionOverTime(options: AttentionOverTimeOptions): Promise<Figure> {
  const { maps, symbolName, sound, ...titles } = options;
  // A function gives the labels to the axis, which cleans texts alone.
  const symbols = options.symbols.map(figureText);
  const steps = maps.map(({ weights }) => checkedSteps(weights.length, symbols.length));
  if (sound !== undefined) checkSound(sound.values.length, sound.shape);
  const stepOf = (map: number): number => maps[map]!.stepInSeconds ?? options.stepInSeconds;
  const soundInSeconds = sound === undefined ? 0 : sound.shape[0] * sound.frameStepInSeconds;
  const duration = Math.max(soundInSeconds, largest(steps.map((count, map) => count * stepOf(map))));

  const layout = maps.length > 1 ? 'beside' : sound === undefined ? 'alone' : 'withSound';
  const { width, labelSize, mostHeight } = LAYOUTS[layout];
  const height = Math.min(Math.max(symbols.length * (labelSize + 3), LEAST_HEIGHT), mostHeight);
  const labelRoom = Math.max(
    largest(symbols.map((symbol) => textWidth(symbol, labelSize))),
    sound === undefined ? 0 : 22,
  );
  const left = labelRoom + NAME_GAP + 2 * labelSize;
  const named = maps.some(({ name }) => name !== undefined);
  const soundTop = TOP + LINE_HEIGHT * (titles.subtitle?.split('\n').length ?? 0) + (named ? NAME_ROOM : 0);
  const mapTop = soundTop + (sound === undefined ? 0 : SOUND_HEIGHT + GAP / 2);
  const leftOf = (map: number): number => left + map * (width + GAP);
  const [, highest] = finiteRange(maps.flatMap(({ weights }) => Array.from(weights))) ?? [0, 0];
  const attentionRange = [0, highest > 0 ? highest : 1] as const;
  const soundRange = finiteRange(sound === undefined ? [] : Array.from(sound.values)) ?? ([0, 1] as const);

  const image = async (place: { left: number; top: number }, cells: Parameters<typeof heatImage>[0]) => ({
    type: 'image',
    ...place,
    z: 0,
    style: await heatImage(cells),
  });
  const pictures: object[] = [];
  for (const [map, { name, weights }] of maps.entries()) {
    const [columns, place] = [steps[map]!, leftOf(map)];
    pictures.push(
      await image(
        { left: place, top: mapTop },
        {
          levelAt: (row, column) => weights[row * columns + column]!,
          rows: symbols.length,
          columns,
          range: attentionRange,
          width: (width * columns * stepOf(map)) / duration,
          height,
        },
      ),
    );
    if (sound !== undefined) {
      const [frames, bands] = sound.shape;
      pictures.push(
        await image(
          { left: place, top: soundTop },
          {
            levelAt: (row, column) => sound.values[column * bands + bands - 1 - row]!,
            rows: bands,
            columns: frames,
            range: soundRange,
            width: (width * soundInSeconds) / duration,
            height: SOUND_HEIGHT,
          },
        ),
      );
    }
    if (name !== undefined)
      pictures.push({
        type: 'text',
        left: place,
        top: soundTop - NAME_ROOM + 4,
        style: { text: name, ...text(12), fill: text(12).color },
      });
  }

  const timeAxis = (gridIndex: number, isLowest: boolean) => {
    const axis = valueAxis(isLowest ? 'time (s)' : '', 'x');
    return {
      ...axis,
      gridIndex,
      min: 0,
      max: duration,
      splitLine: { show: false },
      axisLabel: { ...axis.axisLabel, show: isLowest, showMaxLabel: false },
    };
  };
  const symbolAxis = (gridIndex: number) => ({
    ...valueAxis(gridIndex === 0 ? symbolName : '', 'y'),
    gridIndex,
    type: 'category',
    data: symbols.map((_, row) => String(row)),
    inverse: true,
    nameGap: labelRoom + NAME_GAP,
    splitLine: { show: false },
    axisLabel: {
      ...text(labelSize, FAINT_INK),
      show: gridIndex === 0,
      interval: 0,
      hideOverlap: false,
      formatter: (_: string, row: number) => symbols[row]!,
    },
  });
  const bandAxis = (gridIndex: number) => ({
    ...valueAxis(gridIndex === maps.length ? (sound?.bandName ?? '') : '', 'y'),
    gridIndex,
    min: 0,
    max: sound?.shape[1] ?? 1,
    nameGap: labelRoom + NAME_GAP,
    splitLine: { show: false },
    axisLabel: { ...text(labelSize, FAINT_INK), show: gridIndex === maps.length, showMaxLabel: true },
  });
  const scale = ([min, max]: readonly [number, number], top: number, size: number, name: string) => ({
    type: 'continuous',
    calculable: false,
    min,
    max: max === min ? min + 1 : max,
    right: 12,
    top,
    itemHeight: size - 80,
    text: [`${format(max)}\n${name}`, format(min)],
    textStyle: linesOf(11),
    inRange: { color: [...HEAT_COLORS] },
  });
  const places = maps.map((_, map) => ({ left: leftOf(map), top: mapTop, width, height }));
  const soundPlaces =
    sound === undefined ? [] : places.map((place) => ({ ...place, top: soundTop, height: SOUND_HEIGHT }));
  return draw(
    {
      ...titles,
      xName: '',
      yName: '',
      width: leftOf(maps.length) - GAP + SCALE_ROOM,
      height: mapTop + height + BOTTOM,
    },
    {
      grid: [...places, ...soundPlaces],
      xAxis: [...places, ...soundPlaces].map((_, grid) => timeAxis(grid, grid < maps.length)),
      yAxis: [
        ...places.map((_, grid) => symbolAxis(grid)),
        ...soundPlaces.map((_, map) => bandAxis(maps.length + map)),
      ],
      graphic: pictures,
      visualMap: [
        scale(attentionRange, mapTop, Math.min(height, 230), 'attention'),
        ...(sound === undefined ? [] : [scale(soundRange, soundTop, SOUND_HEIGHT, sound.levelName)]),
      ],
    },
  );
}

function checkedSteps(count: number, symbols: number): number {
  if (count > 0 && count % symbols === 0) return count / symbols;
  throw new Error(`attentionOverTime: expected weights of all steps for each of ${symbols} symbols, got ${count}`);
}

function checkSound(count: number, [frames, bands]: readonly [number, number]): void {
  if (count === frames * bands && count > 0) return;
  throw new Error(`attentionOverTime: expected ${frames * bands} levels for shape [${frames}, ${bands}], got ${count}`);
}
