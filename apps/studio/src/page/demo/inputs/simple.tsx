import type { ChoiceInput, DemoCell, DemoColumn, Slider, TableRowInput, TextInput } from '@motley/core/demo';
import { useId } from 'preact/hooks';
import { number } from '../parts/numbers.ts';
import type { InputProps } from './props.ts';

export function SliderControl({ input, value, onChange, label }: InputProps<Slider, number>) {
  const { min, max, step, default: fallback } = input;
  const now = value ?? fallback;
  return (
    <div class="demo-slider">
      <input
        type="range"
        aria-label={label}
        min={min}
        max={max}
        step={step}
        value={now}
        onInput={(event) => {
          onChange(event.currentTarget.valueAsNumber);
        }}
      />
      <output>{number(now)}</output>
    </div>
  );
}

/** Few choices lie side by side, many in a list. */
export function ChoiceControl({ input, value, onChange, label }: InputProps<ChoiceInput, string>) {
  const group = useId();
  const { options } = input;
  if (options.length > 4 || options.join('').length > 60)
    return (
      <select
        aria-label={label}
        value={value}
        onChange={(event) => {
          onChange(event.currentTarget.value);
        }}
      >
        {options.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
    );
  return (
    <div class="demo-choice" role="radiogroup" aria-label={label}>
      {options.map((each) => (
        <label key={each} class={each === value ? 'is-chosen' : ''}>
          <input
            type="radio"
            name={group}
            checked={each === value}
            onChange={() => {
              onChange(each);
            }}
          />
          {each}
        </label>
      ))}
    </div>
  );
}

export function TextControl({ input, value, onChange, label }: InputProps<TextInput, string>) {
  const shared = {
    'aria-label': label,
    maxLength: input.maxLength,
    value: value ?? '',
    spellcheck: false,
  };
  if (input.lines > 1)
    return (
      <textarea
        {...shared}
        rows={input.lines}
        onInput={(event) => {
          onChange(event.currentTarget.value);
        }}
      />
    );
  return (
    <input
      type="text"
      {...shared}
      onInput={(event) => {
        onChange(event.currentTarget.value);
      }}
    />
  );
}

type Row = Readonly<Record<string, DemoCell>>;

export function TableRowControl({ input, value = {}, onChange, label }: InputProps<TableRowInput, Row>) {
  return (
    <div class="demo-row" role="group" aria-label={label}>
      {input.columns.map((column) => (
        <label key={column.name}>
          <span>{column.name}</span>
          <Cell
            column={column}
            value={value[column.name] ?? null}
            onChange={(cell) => {
              onChange({ ...value, [column.name]: cell });
            }}
          />
        </label>
      ))}
    </div>
  );
}

interface CellProps {
  readonly column: DemoColumn;
  readonly value: DemoCell;
  readonly onChange: (value: DemoCell) => void;
}

const MISSING = '(missing)';

function Cell({ column: { categories, min, max }, value, onChange }: CellProps) {
  if (categories === undefined)
    return (
      <input
        type="number"
        step="any"
        {...(min === undefined ? {} : { min })}
        {...(max === undefined ? {} : { max })}
        value={value ?? ''}
        onInput={({ currentTarget }) => {
          onChange(currentTarget.value === '' ? null : currentTarget.valueAsNumber);
        }}
      />
    );
  return (
    <select
      value={value === null ? MISSING : String(value)}
      onChange={({ currentTarget }) => {
        onChange(currentTarget.value === MISSING ? null : currentTarget.value);
      }}
    >
      {value === null && <option>{MISSING}</option>}
      {categories.map((each) => (
        <option key={each}>{each}</option>
      ))}
    </select>
  );
}
