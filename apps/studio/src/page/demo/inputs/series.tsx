import type { SeriesInput } from '@motley/core/demo';
import { useRef, useState } from 'preact/hooks';
import { ErrorLine } from '../parts/error-line.tsx';
import { Plot } from '../parts/plot.tsx';
import { parseSeries } from './paste-numbers.ts';
import type { InputProps } from './props.ts';

/** Share of the span that an arrow key moves a value by. */
const KEY_STEP = 0.02;

/** Series to draw with the pointer, to change with the arrow keys, or to paste. */
export function SeriesControl({ input, value, onChange, label }: InputProps<SeriesInput, Float32Array>) {
  const { length, min, max } = input;
  const area = useRef<HTMLDivElement>(null);
  const last = useRef<readonly [index: number, value: number] | undefined>(undefined);
  const cursor = useRef(length - 1);
  const [error, setError] = useState('');
  const now = value ?? new Float32Array(length);

  const drawTo = (event: PointerEvent): void => {
    const { left, top, width, height } = area.current!.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - left) / width));
    const index = Math.round(share * (length - 1));
    const level = max - Math.min(1, Math.max(0, (event.clientY - top) / height)) * (max - min);
    const [fromIndex, fromLevel] = last.current ?? [index, level];
    const drawn = now.slice();
    const steps = Math.abs(index - fromIndex);
    for (let step = 0; step <= steps; step++) {
      const part = steps === 0 ? 1 : step / steps;
      drawn[Math.round(fromIndex + part * (index - fromIndex))] = fromLevel + part * (level - fromLevel);
    }
    last.current = [index, level];
    onChange(drawn);
  };
  const onKey = (event: KeyboardEvent): void => {
    const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (across === undefined && up === undefined) return;
    event.preventDefault();
    cursor.current = Math.min(length - 1, Math.max(0, cursor.current + (across ?? 0)));
    if (up === undefined) return;
    const changed = now.slice();
    changed[cursor.current] = Math.min(max, Math.max(min, now[cursor.current]! + up * KEY_STEP * (max - min)));
    onChange(changed);
  };
  const onPaste = (event: ClipboardEvent): void => {
    event.preventDefault();
    try {
      onChange(parseSeries(event.clipboardData?.getData('text') ?? '', length, min, max));
      setError('');
    } catch (cause) {
      setError((cause as Error).message);
    }
  };

  return (
    <div>
      <div
        ref={area}
        class="demo-series"
        tabIndex={0}
        role="application"
        aria-label={`${label}: draw with the pointer, change with the arrow keys, or paste ${length} numbers`}
        onPointerDown={(event) => {
          area.current!.setPointerCapture(event.pointerId);
          last.current = undefined;
          drawTo(event);
        }}
        onPointerMove={(event) => {
          if (event.buttons !== 0) drawTo(event);
        }}
        onKeyDown={onKey}
        onPaste={onPaste}
      >
        <Plot lines={[{ x: Float32Array.from(now.keys()), y: now, tone: 0 }]} range={[min, max]} label={label} isBare />
      </div>
      <p class="demo-note">Draw on it, or click it and paste {length} numbers.</p>
      <ErrorLine text={error} />
    </div>
  );
}
