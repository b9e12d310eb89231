import type { RunRow, SystemInfo } from '../../shared/api.ts';
import { type FieldValue, fieldOf } from './fields.ts';

/** A test of a run, or the line that says what is wrong with the text. */
export type Filter =
  | { readonly test: (row: RunRow, systems: ReadonlyMap<string, SystemInfo>) => boolean; readonly error?: undefined }
  | { readonly test?: undefined; readonly error: string };

type Test = NonNullable<Filter['test']>;

interface Token {
  readonly kind: 'word' | 'quoted' | 'operator' | 'open' | 'close';
  readonly text: string;
}

const OPERATORS = ['<=', '>=', '!=', '=', '<', '>', '~'] as const;
type Operator = (typeof OPERATORS)[number];

const IS: Readonly<Record<string, (row: RunRow) => boolean>> = {
  starred: (row) => row.isStarred,
  away: (row) => row.isPutAway,
  foreign: (row) => row.isForeign,
  faulty: (row) => row.problems.length > 0,
  better: (row) => beatsBaseline(row) === true,
};

/** Whether the objective is better than the strongest baseline; undefined where one is missing. */
export function beatsBaseline({ objective, baseline }: RunRow): boolean | undefined {
  if (objective?.value == null || baseline?.value == null) return undefined;
  return objective.isLowBetter ? objective.value < baseline.value : objective.value > baseline.value;
}

/**
 * Reads the text of a search: words that a run must contain, comparisons (`training.epochs > 3`, `status = running`,
 * `name ~ wide`), `is:starred`, joined by and (a space says the same), `or`, `not` and parentheses. Quotes keep spaces
 * together.
 */
export function parseFilter(text: string): Filter {
  const tokens = tokensOf(text);
  if (typeof tokens === 'string') return { error: tokens };
  if (tokens.length === 0) return { test: () => true };
  const parser = new Parser(tokens);
  try {
    return { test: parser.parse() };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

function tokensOf(text: string): Token[] | string {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    const character = text[at]!;
    if (/\s/.test(character)) {
      at++;
      continue;
    }
    if (character === '(' || character === ')') {
      tokens.push({ kind: character === '(' ? 'open' : 'close', text: character });
      at++;
      continue;
    }
    if (character === '"') {
      const end = text.indexOf('"', at + 1);
      if (end < 0) return 'a quote has no end: add "';
      tokens.push({ kind: 'quoted', text: text.slice(at + 1, end) });
      at = end + 1;
      continue;
    }
    const operator = OPERATORS.find((each) => text.startsWith(each, at));
    if (operator !== undefined) {
      tokens.push({ kind: 'operator', text: operator });
      at += operator.length;
      continue;
    }
    const word = /^[^\s()"<>=~!]+|^!/.exec(text.slice(at))![0];
    tokens.push({ kind: 'word', text: word });
    at += word.length;
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): Test {
    const test = this.#either();
    if (this.#at < this.#tokens.length) throw new Error('a parenthesis was closed that was not opened');
    return test;
  }

  #word(): string | undefined {
    const token = this.#tokens[this.#at];
    return token?.kind === 'word' ? token.text.toLowerCase() : undefined;
  }

  #either(): Test {
    const tests = [this.#all()];
    while (this.#word() === 'or') {
      this.#at++;
      tests.push(this.#all());
    }
    return tests.length === 1 ? tests[0]! : (row, systems) => tests.some((test) => test(row, systems));
  }

  #all(): Test {
    const tests: Test[] = [];
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token === undefined || token.kind === 'close' || this.#word() === 'or') break;
      if (this.#word() === 'and') this.#at++;
      else tests.push(this.#one());
    }
    if (tests.length === 0) throw new Error('something is missing beside "or", "not" or a parenthesis');
    return tests.length === 1 ? tests[0]! : (row, systems) => tests.every((test) => test(row, systems));
  }

  #one(): Test {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new Error('something is missing after "not"');
    if (token.kind === 'word' && (token.text.toLowerCase() === 'not' || token.text === '!')) {
      const test = this.#one();
      return (row, systems) => !test(row, systems);
    }
    if (token.kind === 'open') {
      const test = this.#either();
      if (this.#tokens[this.#at]?.kind !== 'close') throw new Error('a parenthesis has no end: add )');
      this.#at++;
      return test;
    }
    if (token.kind === 'operator' || token.kind === 'close') throw new Error(`a name is missing before ${token.text}`);
    const operator = this.#tokens[this.#at];
    if (operator?.kind === 'operator') {
      this.#at++;
      const value = this.#tokens[this.#at++];
      if (value === undefined || (value.kind !== 'word' && value.kind !== 'quoted'))
        throw new Error(`a value is missing after ${token.text} ${operator.text}`);
      return comparison(token.text, operator.text as Operator, value.text);
    }
    const flag = token.kind === 'word' ? /^is:(.*)$/.exec(token.text)?.[1] : undefined;
    if (flag !== undefined) {
      const test = Object.hasOwn(IS, flag) ? IS[flag] : undefined;
      if (test === undefined) throw new Error(`is:${flag} is unknown: expected ${Object.keys(IS).join(', ')}`);
      return test;
    }
    const wanted = token.text.toLowerCase();
    return (row) => textOfRow(row).includes(wanted);
  }
}

const texts = new WeakMap<RunRow, string>();

/** Everything of a run that a word is looked for in. */
function textOfRow(row: RunRow): string {
  let text = texts.get(row);
  if (text === undefined) {
    const differs = Object.entries(row.differs).map(([path, value]) => `${path}=${String(value)}`);
    const parts = [row.name, row.path, row.system, row.preset, row.status, row.device, row.note, row.study, row.sweep];
    text = [...parts, ...differs].join('\n').toLowerCase();
    texts.set(row, text);
  }
  return text;
}

function comparison(name: string, operator: Operator, wanted: string): Test {
  const lower = wanted.toLowerCase();
  const number = wanted.trim() === '' ? NaN : Number(wanted);
  return (row, systems) => {
    const value = fieldOf(row, name, systems);
    if (operator === '~') return value != null && String(value).toLowerCase().includes(lower);
    if (operator === '=') return isEqual(value, lower, number);
    if (operator === '!=') return !isEqual(value, lower, number);
    if (typeof value !== 'number' || Number.isNaN(number)) return false;
    if (operator === '<') return value < number;
    if (operator === '>') return value > number;
    return operator === '<=' ? value <= number : value >= number;
  };
}

function isEqual(value: FieldValue, wanted: string, number: number): boolean {
  if (value === undefined || value === null) return wanted === 'none' || wanted === 'null';
  if (typeof value === 'number') return value === number;
  return String(value).toLowerCase() === wanted;
}
