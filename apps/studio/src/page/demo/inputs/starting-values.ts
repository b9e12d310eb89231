import type { ChoiceInput, Pad, SeriesInput, Sketch, Slider, TableRowInput, TextInput } from '@motley/core/demo';
import type { InputDescription } from '../messages.ts';

/** Value that a control begins with; undefined where a person has to give one. */
export function startingValue(input: InputDescription): unknown {
  switch (input.kind) {
    case 'sketch':
      return new Float32Array((input as unknown as Sketch).size ** 2);
    case 'series': {
      const { length, min, max } = input as unknown as SeriesInput;
      return new Float32Array(length).fill((min + max) / 2);
    }
    case 'text':
      return (input as unknown as TextInput).default;
    case 'slider':
      return (input as unknown as Slider).default;
    case 'choice':
      return (input as unknown as ChoiceInput).default;
    case 'tableRow': {
      const { columns } = input as unknown as TableRowInput;
      return Object.fromEntries(columns.map(({ name, default: value }) => [name, value]));
    }
    case 'pad': {
      const { x, y } = input as unknown as Pad;
      return [(x[0] + x[1]) / 2, (y[0] + y[1]) / 2];
    }
    default:
      return undefined;
  }
}

/** Whether a control begins with its first example. */
export function wantsExample(input: InputDescription): boolean {
  if (input.exampleCount === 0) return false;
  if (input.kind === 'text') return (input as unknown as TextInput).default === '';
  return ['sketch', 'picture', 'sound', 'series'].includes(input.kind);
}
