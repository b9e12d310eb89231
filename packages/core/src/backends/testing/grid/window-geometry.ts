import type { Draw } from './draw.ts';
import { forEachIndex, positionOf, sizeOf, stridesOf } from './tensor.ts';

type Padding = 'same' | 'valid' | number | readonly (readonly [number, number])[];
type Rounding = 'floor' | 'round' | 'ceil';

export interface WindowAttributes {
  readonly filterSize?: readonly number[];
  readonly filterShape?: readonly number[];
  readonly inputShape?: readonly number[];
  readonly strides: readonly number[];
  readonly dilations?: readonly number[];
  readonly pad: Padding;
  readonly dimRoundingMode?: Rounding;
  readonly includeBatchInIndex?: boolean;
}

/** Along one axis of the image. */
interface Axis {
  readonly length: number;
  readonly window: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly outputs: number;
}

/** Places of the windows: TensorFlow's `same` and `valid`, numbers of zeros on both sides, or on each side. */
export function axesOf(lengths: readonly number[], windows: readonly number[], attributes: WindowAttributes): Axis[] {
  const { strides, dilations, pad, dimRoundingMode } = attributes;
  const round = (steps: number) => (dimRoundingMode === undefined ? Math.trunc(steps) : Math[dimRoundingMode](steps));
  return lengths.map((length, axis) => {
    const [window, stride, dilation] = [windows[axis]!, strides[axis]!, dilations?.[axis] ?? 1];
    const extent = (window - 1) * dilation + 1;
    if (pad === 'same') {
      const outputs = Math.ceil(length / stride);
      const missing = Math.max(0, (outputs - 1) * stride + extent - length);
      return { length, window, stride, dilation, before: Math.floor(missing / 2), outputs };
    }
    const [before, after] = pad === 'valid' ? [0, 0] : typeof pad === 'number' ? [pad, pad] : pad[axis + 1]!;
    const steps = (length + before + after - extent) / stride;
    const outputs = Math.max(0, (pad === 'valid' ? Math.floor(steps) : round(steps)) + 1);
    return { length, window, stride, dilation, before, outputs };
  });
}

/** Calls `body` for each place of a window and each of its elements that lies in the image. */
export function forEachTap(axes: readonly Axis[], body: (output: number, tap: number, pixel: number) => void): void {
  const windows = axes.map(({ window }) => window);
  const pixels = stridesOf(axes.map(({ length }) => length));
  forEachIndex(
    axes.map(({ outputs }) => outputs),
    (place, output) => {
      forEachIndex(windows, (offset, tap) => {
        const at = axes.map(
          ({ stride, dilation, before }, axis) => place[axis]! * stride - before + offset[axis]! * dilation,
        );
        if (at.every((each, axis) => each >= 0 && each < axes[axis]!.length)) body(output, tap, positionOf(at, pixels));
      });
    },
  );
}

export interface WindowOptions {
  readonly rank: 2 | 3;
  readonly isDepthwise?: boolean;
  readonly isPool?: boolean;
  /** Paddings by number and by side. TensorFlow.js has none of them in convolutions of three axes. */
  readonly hasNumbers?: boolean;
  readonly hasDilations?: boolean;
  readonly mayBeEmpty?: boolean;
}

export interface Drawn {
  readonly image: number[];
  readonly window: number[];
  readonly attributes: WindowAttributes & Readonly<Record<string, unknown>>;
  readonly outputs: number[];
  readonly channels: number;
}

/** Geometry with at least one output in each axis. */
export function drawGeometry(
  draw: Draw,
  { rank, hasNumbers = true, hasDilations = false, isDepthwise = false, mayBeEmpty = true }: WindowOptions,
): Drawn {
  for (;;) {
    const size = rank === 2 ? 9 : 5;
    const lengths = draw.list(rank, () => draw.integer(1, size));
    const isNumber = hasNumbers && draw.rarely(4);
    // TensorFlow.js places windows by their height alone where the padding is one number.
    const each = (of: () => number) => (isNumber ? Array<number>(rank).fill(of()) : draw.list(rank, of));
    const windows = each(() => draw.integer(1, rank === 2 ? 5 : 3));
    const isDilated = hasDilations && draw.rarely(3);
    const strides = each(() => (isDilated ? 1 : draw.integer(1, 4)));
    const dilations = each(() => (isDilated ? draw.integer(1, 3) : 1));
    const extents = windows.map((window, axis) => (window - 1) * dilations[axis]! + 1);
    const side = (axis: number) => draw.integer(0, Math.min(2, extents[axis]! - 1));
    const pads: Padding[] = ['same', 'same', 'valid'];
    if (hasNumbers && rank === 2)
      pads.push([
        [0, 0],
        [side(0), side(0)],
        [side(1), side(1)],
        [0, 0],
      ]);
    const pad = isNumber ? side(0) : draw.choose(pads);
    const isRounded = pad !== 'same' && pad !== 'valid';
    const batch = mayBeEmpty && draw.rarely(24) ? 0 : draw.integer(1, 2);
    const channels = draw.integer(1, 5);
    const attributes = {
      strides,
      pad,
      ...(hasDilations || isDepthwise ? { dilations } : {}),
      ...(isRounded ? { dimRoundingMode: draw.choose(['floor', 'ceil', 'round'] as const) } : {}),
      dataFormat: rank === 2 ? 'NHWC' : 'NDHWC',
    };
    const outputs = axesOf(lengths, windows, attributes).map((axis) => axis.outputs);
    // A window that is rounded up may begin beyond the image, or be larger: nothing says what it gives.
    const isInside = axesOf(lengths, windows, attributes).every(
      (axis, index) =>
        (axis.outputs - 1) * axis.stride - axis.before < axis.length &&
        (pad === 'same' || extents[index]! <= axis.length + axis.before),
    );
    if (outputs.every((count) => count > 0) && isInside)
      return { image: [batch, ...lengths, channels], window: windows, attributes, outputs, channels };
  }
}

/** Splits an image [B, ..., C]. */
export function partsOf(shape: readonly number[]) {
  return { batch: shape[0]!, lengths: shape.slice(1, -1), channels: shape.at(-1)! };
}

export const zeros = (shape: readonly number[]) => new Float64Array(sizeOf(shape));
