import { Segmented, Toggle } from '../parts/controls.tsx';
import { choiceOf, flagOf, numberOf, setQuery, textOf } from '../state/address.ts';
import { AXES, type Axis } from '../state/requests.ts';
import type { Range } from './series.ts';

/** How charts are seen, as the address holds it: the same for a run and for a comparison. */
export interface ChartView {
  readonly axis: Axis;
  readonly smoothing: number;
  readonly isLog: boolean;
  readonly isTrimmed: boolean;
  readonly range: Range | undefined;
}

const MOST_SMOOTHING = 0.99;

export function readChartView(): ChartView {
  const [min, max] = textOf('x').split('..').map(Number);
  return {
    axis: choiceOf('axis', AXES),
    smoothing: numberOf('smoothing', 0, 0, MOST_SMOOTHING),
    isLog: textOf('y') === 'log',
    isTrimmed: flagOf('trim'),
    range: min !== undefined && max !== undefined && min < max ? { min, max } : undefined,
  };
}

/** Zooms every chart of the page. */
export function zoomTo(range: Range | undefined): void {
  const rounded = (value: number): string => String(Number(value.toPrecision(7)));
  setQuery({ x: range === undefined ? null : `${rounded(range.min)}..${rounded(range.max)}` });
}

/** Axis, scale, smoothing and outliers of all charts of a page. */
export function ViewControls() {
  const { axis, smoothing, isLog, isTrimmed } = readChartView();
  return (
    <div class="view-controls">
      <Segmented
        label="X axis"
        choices={AXES}
        value={axis}
        onChange={(next) => {
          setQuery({ axis: next === 'step' ? null : next, x: null });
        }}
      />
      <Segmented
        label="Y axis"
        choices={['linear', 'log']}
        value={isLog ? 'log' : 'linear'}
        onChange={(next) => {
          setQuery({ y: next === 'log' ? 'log' : null });
        }}
      />
      <label class="field slider">
        <span>
          Smoothing <b>{smoothing === 0 ? 'off' : smoothing.toFixed(2)}</b>
        </span>
        <input
          type="range"
          min="0"
          max={MOST_SMOOTHING}
          step="0.01"
          value={smoothing}
          onInput={({ currentTarget }) => {
            setQuery({ smoothing: currentTarget.value === '0' ? null : currentTarget.value });
          }}
        />
      </label>
      <Toggle
        label="Ignore outliers"
        isOn={isTrimmed}
        onChange={(isOn) => {
          setQuery({ trim: isOn ? '1' : null });
        }}
      />
    </div>
  );
}
