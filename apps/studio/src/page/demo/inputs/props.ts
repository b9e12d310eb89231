/** Properties of every control. */
export interface InputProps<Input, Value> {
  readonly input: Omit<Input, 'value' | 'examples'>;
  readonly value: Value | undefined;
  readonly onChange: (value: Value) => void;
  /** Its name, for those who do not see it. */
  readonly label: string;
}
