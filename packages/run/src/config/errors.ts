/** A mistake of the caller's (arguments, files, data): one line that says what, where, what was expected and what came. */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  /** The process's exit status where a command ends with it. */
  readonly exitCode: number = 2;
}

/** A configuration that does not fit its schema. */
export class ConfigError extends UserError {
  override readonly name: string = 'ConfigError';
}

/** A value as an error line shows it: short, on one line, strings in quotes. */
export function shown(value: unknown): string {
  const text =
    typeof value === 'string' || (typeof value === 'object' && value !== null) ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
