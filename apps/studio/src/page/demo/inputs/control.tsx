import type { FunctionComponent } from 'preact';
import { useState } from 'preact/hooks';
import type { InputDescription } from '../messages.ts';
import { PlanePad } from './pad.tsx';
import { PictureControl } from './picture.tsx';
import type { InputProps } from './props.ts';
import { SeriesControl } from './series.tsx';
import { ChoiceControl, SliderControl, TableRowControl, TextControl } from './simple.tsx';
import { SketchPad } from './sketch.tsx';
import { SoundControl } from './sound.tsx';

type AnyControl = FunctionComponent<InputProps<never, never>>;

const controls: Readonly<Record<string, AnyControl>> = {
  sketch: SketchPad as unknown as AnyControl,
  picture: PictureControl as unknown as AnyControl,
  text: TextControl as unknown as AnyControl,
  sound: SoundControl as unknown as AnyControl,
  slider: SliderControl as unknown as AnyControl,
  choice: ChoiceControl as unknown as AnyControl,
  tableRow: TableRowControl as unknown as AnyControl,
  series: SeriesControl as unknown as AnyControl,
  pad: PlanePad as unknown as AnyControl,
};

interface ControlProps {
  readonly name: string;
  readonly input: InputDescription;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  readonly onExample: (index: number) => void;
}

/** Control of one input, whatever its kind, with its examples. */
export function Control({ name, input, value, onChange, onExample }: ControlProps) {
  const [example, setExample] = useState(0);
  const Kind = controls[input.kind];
  const label = input.label ?? name;
  const { exampleCount } = input;
  const show = (next: number): void => {
    setExample(next);
    onExample(next);
  };
  return (
    <section class={`demo-part demo-input-${input.kind}`} data-input={name}>
      <header>
        <h3>{label}</h3>
        {exampleCount > 0 && (
          <button
            type="button"
            class="demo-example"
            onClick={() => {
              show((example + 1) % exampleCount);
            }}
          >
            Another example
          </button>
        )}
      </header>
      {Kind === undefined ? (
        <p class="demo-error">The studio has no control of the kind {input.kind}.</p>
      ) : (
        <Kind input={input as never} value={value as never} onChange={onChange} label={label} />
      )}
      {input.hint !== undefined && <p class="demo-note">{input.hint}</p>}
    </section>
  );
}
