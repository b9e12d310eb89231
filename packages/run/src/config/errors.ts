/**
 * Mistake of the caller in arguments, files or data. Its message is one line: what, where, what was expected, what
 * came.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  /** Exit status of a command that ends with this error. */
  readonly exitCode: number = 2;
}

/** Configuration that does not fit its schema. */
export class ConfigError extends UserError {
  override readonly name: string = 'ConfigError';
}

/** Formats a value for an error line: short, on one line, strings in quotes. */
export function shown(value: unknown): string {
  const text =
    typeof value === 'string' || (typeof value === 'object' && value !== null) ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
