import type { Pad } from '@motley/core/demo';
import { useRef } from 'preact/hooks';
import { number } from '../parts/numbers.ts';
import type { InputProps } from './props.ts';

type Place = readonly [x: number, y: number];

const STEPS: Readonly<Record<string, Place>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/** Plane with a point to move, by pointer or arrow keys. */
export function PlanePad({ input, value, onChange, label }: InputProps<Pad, Place>) {
  const { x, y } = input;
  const plane = useRef<HTMLDivElement>(null);
  const [across, up] = value ?? [(x[0] + x[1]) / 2, (y[0] + y[1]) / 2];
  const within = ([low, high]: Place, number: number): number => Math.min(high, Math.max(low, number));
  const move = (event: PointerEvent): void => {
    const { left, top, width, height } = plane.current!.getBoundingClientRect();
    const shareX = (event.clientX - left) / width;
    const shareY = 1 - (event.clientY - top) / height;
    onChange([within(x, x[0] + shareX * (x[1] - x[0])), within(y, y[0] + shareY * (y[1] - y[0]))]);
  };
  return (
    <div
      ref={plane}
      class="demo-pad"
      tabIndex={0}
      role="application"
      aria-label={`${label}: ${number(across)}, ${number(up)}; move with the pointer or the arrow keys`}
      onPointerDown={(event) => {
        plane.current!.setPointerCapture(event.pointerId);
        move(event);
      }}
      onPointerMove={(event) => {
        if (event.buttons !== 0) move(event);
      }}
      onDblClick={() => {
        onChange([within(x, 0), within(y, 0)]);
      }}
      onKeyDown={(event) => {
        const step = STEPS[event.key];
        if (step === undefined) return;
        event.preventDefault();
        const size = event.shiftKey ? 0.1 : 0.02;
        onChange([within(x, across + step[0] * size * (x[1] - x[0])), within(y, up + step[1] * size * (y[1] - y[0]))]);
      }}
    >
      <span class="demo-pad-axes" />
      <span
        class="demo-pad-knob"
        style={{ left: `${(100 * (across - x[0])) / (x[1] - x[0])}%`, top: `${(100 * (y[1] - up)) / (y[1] - y[0])}%` }}
      />
      <output>
        {number(across)}, {number(up)}
      </output>
    </div>
  );
}
