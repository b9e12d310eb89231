/** Color and cursor sequences of terminals, which logs carry along. */
const TERMINAL_SEQUENCE = /\p{Cc}\[[0-?]*[ -/]*[@-~]/gu;
/** Characters that XML 1.0 lacks, and those without a shape. A line feed stays. */
const WITHOUT_SHAPE = /(?!\n)[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu;
/** Joins letters without a shape of its own. */
const WORD_JOINER = '\u2060';
/** Properties that every object inherits. */
const INHERITED = new RegExp(`(${Object.getOwnPropertyNames(Object.prototype).join('|')})`, 'g');

/**
 * Text as a figure can show it. Terminal sequences and control characters are left out. A name that every object
 * inherits, such as `__proto__`, gets a joiner within: ECharts keeps widths by text in plain objects, and would change
 * the prototype of all objects.
 */
export function figureText(text: string): string {
  return text
    .replace(TERMINAL_SEQUENCE, '')
    .replace(/[\t\r]/g, ' ')
    .replace(WITHOUT_SHAPE, '')
    .replace(INHERITED, (name) => `${name.slice(0, 3)}${WORD_JOINER}${name.slice(3)}`);
}

/** Options of a chart with each text in them as `figureText`. */
export function withFigureTexts<T>(options: T): T {
  return cleaned(options) as T;
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return figureText(value);
  if (Array.isArray(value)) return value.map(cleaned);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, cleaned(each)]));
}
