import type { CurvesOutput, ForecastOutput, HighlightedWordsOutput, LabelsOutput, TextOutput } from '@motley/core/demo';
import { percent } from '../parts/numbers.ts';
import { Plot, type PlotLine } from '../parts/plot.tsx';
import type { OutputProps } from './props.ts';

export function LabelsView({ output, value }: OutputProps<LabelsOutput>) {
  const best = [...value].sort((a, b) => b.score - a.score).slice(0, output.top);
  return (
    <ol class="demo-labels">
      {best.map(({ label, score }) => (
        <li key={label}>
          <span>{label}</span>
          <b aria-hidden="true">
            <i style={{ width: `${100 * Math.min(1, Math.max(0, score))}%` }} />
          </b>
          <data value={score}>{percent(score)}</data>
        </li>
      ))}
    </ol>
  );
}

export function TextView({ value, label }: OutputProps<TextOutput>) {
  return (
    <pre class="demo-text" aria-label={label} aria-live="polite">
      {value}
    </pre>
  );
}

/** The sign is in the underline as well as in the color. */
export function HighlightedWordsView({ value }: OutputProps<HighlightedWordsOutput>) {
  return (
    <p class="demo-words">
      {value.map(({ word, weight }, index) => (
        <span key={index}>
          <mark
            class={weight < 0 ? 'is-negative' : 'is-positive'}
            style={{ '--weight': String(Math.min(1, Math.abs(weight))) }}
            title={weight.toFixed(3)}
          >
            {word}
          </mark>{' '}
        </span>
      ))}
    </p>
  );
}

export function ForecastView({ value: { past, forecast, low, high }, label }: OutputProps<ForecastOutput>) {
  const start = past.length;
  const later = Float32Array.from(forecast, (_, index) => start + index);
  const joined: PlotLine = {
    x: Float32Array.from([start - 1, ...later]),
    y: Float32Array.from([past.at(-1) ?? Number.NaN, ...forecast]),
    tone: 1,
    name: 'forecast',
  };
  const lines: PlotLine[] = [{ x: Float32Array.from(past.keys()), y: past, tone: 0, name: 'past' }, joined];
  const bands = low !== undefined && high !== undefined ? [{ x: later, low, high }] : [];
  return <Plot lines={lines} bands={bands} label={label} />;
}

export function CurvesView({ value, label }: OutputProps<CurvesOutput>) {
  return <Plot lines={value.map((line, tone) => ({ ...line, tone }))} label={label} />;
}
