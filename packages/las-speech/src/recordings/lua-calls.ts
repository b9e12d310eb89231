import { Budget, BYTES_OF_VALUE, shown, UserError } from '@motley/run';

/** Call of a function with texts: `dialogStr("text")`. */
export interface LuaCall {
  readonly name: string;
  readonly texts: readonly string[];
  /** Number of its line, from 1. */
  readonly line: number;
}

const SPACE = /(?:\s+|--\[\[[\s\S]*?\]\]|--(?!\[\[)[^\n]*)*/y;
const NAME = /[A-Za-z_]\w*/y;
const TEXT = /"(?:[^"\\\n]|\\[\s\S])*"|'(?:[^'\\\n]|\\[\s\S])*'|\[\[[\s\S]*?\]\]/y;
const ESCAPE = /\\(?:(\d{1,3})|x([\dA-Fa-f]{2})|([\s\S]))/g;
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', a: '', b: '', f: '', v: '' };

/**
 * Parses a Lua file that is nothing but calls of functions with texts, as tables of dialogs are. Nothing is executed.
 * @param name the file's name, for messages
 * @throws UserError naming the line, for anything else
 */
export function parseLuaCalls(source: string, name: string): LuaCall[] {
  const reader = new LuaReader(source, name);
  const budget = Budget.forHeap(name, 'calls', source.length);
  const calls: LuaCall[] = [];
  while (!reader.isAtEnd()) {
    const line = reader.line;
    const called = reader.take(NAME, 'the name of a function');
    reader.takeSign('(');
    const texts: string[] = [];
    while (!reader.tryTakeSign(')')) {
      if (texts.length > 0) reader.takeSign(',');
      texts.push(reader.takeText());
      budget.hold(BYTES_OF_VALUE.element);
    }
    reader.tryTakeSign(';');
    budget.hold(BYTES_OF_VALUE.map);
    calls.push({ name: called, texts, line });
  }
  return calls;
}

class LuaReader {
  readonly #source: string;
  readonly #name: string;
  #position = 0;
  #countedTo = 0;
  #line = 1;

  constructor(source: string, name: string) {
    this.#source = source;
    this.#name = name;
  }

  /** Number of the current line. */
  get line(): number {
    for (; this.#countedTo < this.#position; this.#countedTo++)
      if (this.#source.charCodeAt(this.#countedTo) === 0x0a) this.#line++;
    return this.#line;
  }

  isAtEnd(): boolean {
    this.#skipSpace();
    return this.#position === this.#source.length;
  }

  /** @throws UserError where the pattern does not match here */
  take(pattern: RegExp, expected: string): string {
    this.#skipSpace();
    const match = this.#match(pattern);
    if (match === undefined) throw this.#error(expected);
    return match;
  }

  takeSign(sign: string): void {
    if (!this.tryTakeSign(sign)) throw this.#error(`"${sign}"`);
  }

  tryTakeSign(sign: string): boolean {
    this.#skipSpace();
    if (this.#source[this.#position] !== sign) return false;
    this.#position++;
    return true;
  }

  takeText(): string {
    const literal = this.take(TEXT, 'a text in quotes');
    if (literal.startsWith('[[')) return literal.slice(2, -2).replace(/^\n/, '');
    return literal.slice(1, -1).replace(ESCAPE, (_, decimal?: string, hexadecimal?: string, sign?: string) => {
      if (sign !== undefined) return ESCAPED[sign] ?? sign;
      return String.fromCharCode(decimal === undefined ? parseInt(hexadecimal!, 16) : Number(decimal));
    });
  }

  #skipSpace(): void {
    this.#match(SPACE);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#source)?.[0];
    if (match !== undefined) this.#position += match.length;
    return match;
  }

  #error(expected: string): UserError {
    const rest = this.#source.slice(this.#position, this.#position + 20);
    return new UserError(
      `${this.#name}: line ${this.line}: expected ${expected}, found ${rest === '' ? 'the end of the file' : shown(rest)}`,
    );
  }
}
