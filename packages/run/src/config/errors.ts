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

const SHOWN_LENGTH = 80;

/** Formats a value for an error line: short, on one line, strings in quotes. */
export function shown(value: unknown): string {
  const text = beginning(value, SHOWN_LENGTH + 1);
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH - 3)}...` : text;
}

/** Control characters and line ends that JSON leaves as they are. */
const UNESCAPED = /[\p{Cc}\u2028\u2029]/gu;
const LONGEST_LINE = 300;

/** Text from a file or a library within an error line: as it is where it prints on one line, else as `shown`. */
export function onOneLine(text: string): string {
  return text.length > LONGEST_LINE || /\p{C}/u.test(text) ? shown(text) : text;
}

const escaped = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * Beginning of a value's JSON. Only that part is formatted: a value from a file may repeat itself, or be nested without
 * end.
 * @param room number of characters after which the text may end anywhere
 */
function beginning(value: unknown, room: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, room)).replace(UNESCAPED, escaped);
  if (typeof value !== 'object' || value === null) return String(value);
  const isList = Array.isArray(value);
  let text = isList ? '[' : '{';
  for (const key of isList ? value.keys() : Object.keys(value)) {
    if (text.length > room) return text;
    const child = (value as Record<string | number, unknown>)[key];
    if (!isList && child === undefined) continue;
    if (text.length > 1) text += ',';
    if (typeof key === 'string') text += `${beginning(key, room)}:`;
    text += beginning(child, room - text.length);
  }
  return text + (isList ? ']' : '}');
}
