import type { DemoOutput } from '@motley/core/demo';

type ValueOf<Output> = Output extends DemoOutput<infer Value> ? Value : never;

/** Properties of every view. */
export interface OutputProps<Output extends DemoOutput<unknown>> {
  readonly output: Omit<Output, 'value'>;
  readonly value: ValueOf<Output>;
  readonly label: string;
}
