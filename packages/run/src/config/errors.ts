/**
 * Mistake of the caller in arguments, files or data. Its message is one line: what, where, what was expected, what
 * came. Control characters in it are escaped, as names and texts in it come from files.
 */
export class UserError extends Error {
  override readonly name: string = 'UserError';
  /** Exit status of a command that ends with this error. */
  readonly exitCode: number = 2;

  constructor(message: string, options?: ErrorOptions) {
    super(printable(message), options);
  }
}

/** Configuration that does not fit its schema. */
export class ConfigError extends UserError {
  override readonly name: string = 'ConfigError';
}

/**
 * Control characters (C0, DEL, C1), separators of lines and paragraphs, marks that turn the direction of writing, and
 * half surrogates. A terminal obeys them, or shows another text than the one that came.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\uFEFF]/gu;
const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * Text from outside on one line that a terminal only shows: characters that it would obey are escaped, such as `\n` and
 * `\u001b`.
 * @param maxLength characters of the result; a longer text ends in `...`
 */
export function printable(text: string, maxLength = 2000): string {
  // Escapes only lengthen a text, so the rest need not be looked at.
  const escaped = text.slice(0, maxLength + 1).replace(UNPRINTABLE, escapeOf);
  if (escaped.length <= maxLength) return escaped;
  return `${escaped.slice(0, maxLength - 3).replace(/\p{Cs}$/u, '')}...`;
}

/** A text of several lines for a terminal: control characters other than line ends and tabs are escaped. */
export function printableText(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, escapeOf);
}

function escapeOf(character: string): string {
  return SHORT_ESCAPES[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const SHOWN_LENGTH = 80;

/** Formats a value from outside for an error line: short, on one line, printable, strings in quotes. */
export function shown(value: unknown): string {
  return printable(beginning(value, SHOWN_LENGTH + 1), SHOWN_LENGTH);
}

/**
 * Beginning of a value's JSON. Only that part is formatted: a value from a file may repeat itself, or be nested without
 * end.
 * @param room number of characters after which the text may end anywhere. Below 0 where the name of a value took it all
 */
function beginning(value: unknown, room: number): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, Math.max(room, 0)));
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
