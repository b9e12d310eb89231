import type { Sketch } from '@motley/core/demo';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Point, stroke } from './brush.ts';
import type { InputProps } from './props.ts';

/** Radius of the pen as a share of the side: about that of MNIST's digits. */
const PEN = 1.1 / 28;
const ARROWS: Readonly<Record<string, Point>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};

/** Pad to draw on with pointer, finger or keyboard. It shows the pixels that the network sees. */
export function SketchPad({ input, value, onChange, label }: InputProps<Sketch, Float32Array>) {
  const { size, of } = input;
  const canvas = useRef<HTMLCanvasElement>(null);
  const last = useRef<Point | undefined>(undefined);
  const drawn = useRef(value ?? new Float32Array(size * size));
  const cursor = useRef<Point>([size / 2, size / 2]);
  const undo = useRef<Float32Array[]>([]);
  const [isErasing, setErasing] = useState(false);
  const [width, setWidth] = useState(1);
  drawn.current = value ?? drawn.current;

  useEffect(() => {
    paint(canvas.current, drawn.current, size, of === 'white on black');
  }, [value]);

  const change = (next: Float32Array): void => {
    drawn.current = next;
    onChange(next);
  };
  const remember = (): void => {
    undo.current = [...undo.current.slice(-30), drawn.current];
  };
  const drawTo = (to: Point): void => {
    const picture = { values: drawn.current, size };
    const radius = PEN * size * width * (isErasing ? 2 : 1);
    change(stroke(picture, last.current ?? to, to, radius, isErasing ? 0 : 1));
    last.current = to;
  };
  const place = (event: PointerEvent): Point => {
    const { left, top, width: across, height } = canvas.current!.getBoundingClientRect();
    return [((event.clientX - left) / across) * size, ((event.clientY - top) / height) * size];
  };
  const onKey = (event: KeyboardEvent): void => {
    const arrow = ARROWS[event.key];
    if (arrow !== undefined) {
      event.preventDefault();
      const to: Point = [cursor.current[0] + arrow[0], cursor.current[1] + arrow[1]];
      cursor.current = [Math.min(size, Math.max(0, to[0])), Math.min(size, Math.max(0, to[1]))];
      if (event.shiftKey) drawTo(cursor.current);
      else last.current = undefined;
    } else if (event.key === 'z' && (event.ctrlKey || event.metaKey)) goBack();
    else if (event.key === 'Delete') clear();
  };
  const goBack = (): void => {
    const before = undo.current.pop();
    if (before !== undefined) change(before);
  };
  const clear = (): void => {
    remember();
    change(new Float32Array(size * size));
  };

  return (
    <div class="demo-sketch">
      <canvas
        ref={canvas}
        width={size}
        height={size}
        class="demo-pixels"
        tabIndex={0}
        role="application"
        aria-label={`${label}: draw with the pointer, or with Shift and the arrow keys`}
        onPointerDown={(event) => {
          event.preventDefault();
          canvas.current!.setPointerCapture(event.pointerId);
          canvas.current!.focus();
          remember();
          last.current = undefined;
          drawTo(place(event));
        }}
        onPointerMove={(event) => {
          if (last.current === undefined || event.buttons === 0) return;
          const between = event.getCoalescedEvents();
          for (const each of between.length > 0 ? between : [event]) drawTo(place(each));
        }}
        onPointerUp={() => {
          last.current = undefined;
        }}
        onKeyDown={onKey}
      />
      <div class="demo-tools">
        <button type="button" onClick={clear}>
          Clear
        </button>
        <button type="button" onClick={goBack}>
          Undo
        </button>
        <button
          type="button"
          aria-pressed={isErasing}
          onClick={() => {
            setErasing(!isErasing);
          }}
        >
          Eraser
        </button>
        <label>
          Pen{' '}
          <input
            type="range"
            min={0.6}
            max={2.4}
            step={0.2}
            value={width}
            onInput={(event) => {
              setWidth(event.currentTarget.valueAsNumber);
            }}
          />
        </label>
      </div>
    </div>
  );
}

function paint(canvas: HTMLCanvasElement | null, values: Float32Array, size: number, isWhite: boolean): void {
  const context = canvas?.getContext('2d');
  if (!context) return;
  const pixels = context.createImageData(size, size);
  for (let at = 0; at < values.length; at++) {
    const level = 255 * (isWhite ? values[at]! : 1 - values[at]!);
    pixels.data.fill(level, at * 4, at * 4 + 3);
    pixels.data[at * 4 + 3] = 255;
  }
  context.putImageData(pixels, 0, 0);
}
