import { Budget, BYTES_OF_VALUE, shown, UserError } from '@motley/run';

/** Name of a class or function. The name is only compared; the object is never looked up. */
export class PickleGlobal {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Numbers, strings and bytes; dictionaries as maps; lists, tuples and sets as arrays; and results of allowed calls. */
export type PickleValue = unknown;

/** Names that a pickle may mention, and results of the calls that it may make. */
export interface PickleRules {
  /** Whether the pickle may mention a name. Any other name is refused. */
  readonly isAllowed: (name: string) => boolean;
  /** Result of calling an allowed name. Undefined if it must not be called. */
  readonly call: (name: string, given: readonly PickleValue[], budget: Budget) => PickleValue;
  /** Value behind a persistent id. */
  readonly load: (id: PickleValue) => PickleValue;
}

const MARK = Symbol('mark');
const STOP = 0x2e;

/**
 * Reads one pickle (protocols 2 to 5, https://peps.python.org/pep-3154/) without executing it. A pickle is a program:
 * this reader follows only the instructions that build data, and checks every name against an allowlist. A value may
 * occur many times in another one, so who walks through the result counts steps too.
 * @param name the file's name, for messages
 * @returns the value and the position at which the pickle ends
 * @throws UserError if the pickle is damaged, mentions another name, contains another instruction, or needs far more
 *   memory than its size
 */
export function readPickle(
  bytes: Uint8Array,
  start: number,
  rules: PickleRules,
  name: string,
): { readonly value: PickleValue; readonly end: number } {
  return new Unpickler(bytes, start, rules, name).run();
}

class Unpickler {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #rules: PickleRules;
  readonly #name: string;
  readonly #stack: PickleValue[] = [];
  readonly #memo = new Map<number, PickleValue>();
  readonly #budget: Budget;
  #position: number;

  constructor(bytes: Uint8Array, start: number, rules: PickleRules, name: string) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#position = start;
    this.#rules = rules;
    this.#name = name;
    this.#budget = Budget.forHeap(name, 'a pickle', bytes.length);
  }

  run(): { value: PickleValue; end: number } {
    for (;;) {
      const code = this.#byte();
      this.#budget.step();
      if (code === STOP) return { value: this.#pop(), end: this.#position };
      const follow = Unpickler.#instructions[code];
      if (follow === undefined) this.#refuse(`has the instruction 0x${code.toString(16).padStart(2, '0')}`);
      follow(this);
    }
  }

  /** Supported opcodes, named as in Python's `pickletools`. */
  static readonly #instructions: Readonly<Partial<Record<number, (pickle: Unpickler) => void>>> = {
    0x80: (pickle) => void pickle.#byte(), // PROTO
    0x95: (pickle) => void pickle.#take(8), // FRAME
    0x28: (pickle) => {
      pickle.#push(MARK);
    }, // MARK
    0x4e: (pickle) => {
      pickle.#push(null);
    }, // NONE
    0x88: (pickle) => {
      pickle.#push(true);
    }, // NEWTRUE
    0x89: (pickle) => {
      pickle.#push(false);
    }, // NEWFALSE
    0x4a: (pickle) => {
      pickle.#push(pickle.#view.getInt32(pickle.#take(4), true));
    }, // BININT
    0x4b: (pickle) => {
      pickle.#push(pickle.#byte());
    }, // BININT1
    0x4d: (pickle) => {
      pickle.#push(pickle.#view.getUint16(pickle.#take(2), true));
    }, // BININT2
    0x8a: (pickle) => {
      pickle.#push(pickle.#long(pickle.#byte()));
    }, // LONG1
    0x47: (pickle) => {
      pickle.#push(pickle.#view.getFloat64(pickle.#take(8), false));
    }, // BINFLOAT
    0x8c: (pickle) => {
      pickle.#push(pickle.#text(pickle.#byte()));
    }, // SHORT_BINUNICODE
    0x58: (pickle) => {
      pickle.#push(pickle.#text(pickle.#length32()));
    }, // BINUNICODE
    0x55: (pickle) => {
      pickle.#push(pickle.#text(pickle.#byte()));
    }, // SHORT_BINSTRING
    0x54: (pickle) => {
      pickle.#push(pickle.#text(pickle.#length32()));
    }, // BINSTRING
    0x43: (pickle) => {
      pickle.#push(pickle.#slice(pickle.#byte()));
    }, // SHORT_BINBYTES
    0x42: (pickle) => {
      pickle.#push(pickle.#slice(pickle.#length32()));
    }, // BINBYTES
    0x5d: (pickle) => {
      pickle.#pushList([]);
    }, // EMPTY_LIST
    0x8f: (pickle) => {
      pickle.#pushList([]);
    }, // EMPTY_SET
    0x7d: (pickle) => {
      pickle.#budget.hold(BYTES_OF_VALUE.map);
      pickle.#push(new Map());
    }, // EMPTY_DICT
    0x29: (pickle) => {
      pickle.#pushList([]);
    }, // EMPTY_TUPLE
    0x74: (pickle) => {
      pickle.#pushList(pickle.#popToMark());
    }, // TUPLE
    0x85: (pickle) => {
      pickle.#pushList(pickle.#popMany(1));
    }, // TUPLE1
    0x86: (pickle) => {
      pickle.#pushList(pickle.#popMany(2));
    }, // TUPLE2
    0x87: (pickle) => {
      pickle.#pushList(pickle.#popMany(3));
    }, // TUPLE3
    0x61: (pickle) => {
      pickle.#append(pickle.#popMany(1));
    }, // APPEND
    0x65: (pickle) => {
      pickle.#append(pickle.#popToMark());
    }, // APPENDS
    0x90: (pickle) => {
      pickle.#append(pickle.#popToMark());
    }, // ADDITEMS
    0x73: (pickle) => {
      pickle.#set(pickle.#popMany(2));
    }, // SETITEM
    0x75: (pickle) => {
      pickle.#set(pickle.#popToMark());
    }, // SETITEMS
    0x71: (pickle) => {
      pickle.#keep(pickle.#byte());
    }, // BINPUT
    0x72: (pickle) => {
      pickle.#keep(pickle.#length32());
    }, // LONG_BINPUT
    0x94: (pickle) => {
      pickle.#keep(pickle.#memo.size);
    }, // MEMOIZE
    0x68: (pickle) => {
      pickle.#get(pickle.#byte());
    }, // BINGET
    0x6a: (pickle) => {
      pickle.#get(pickle.#length32());
    }, // LONG_BINGET
    0x63: (pickle) => {
      pickle.#mention([pickle.#line(), pickle.#line()]);
    }, // GLOBAL
    0x93: (pickle) => {
      pickle.#mention(pickle.#popMany(2));
    }, // STACK_GLOBAL
    0x52: (pickle) => {
      pickle.#call(pickle.#popMany(2));
    }, // REDUCE
    0x81: (pickle) => {
      pickle.#call(pickle.#popMany(2));
    }, // NEWOBJ
    0x62: (pickle) => {
      pickle.#build();
    }, // BUILD
    0x51: (pickle) => {
      pickle.#push(pickle.#rules.load(pickle.#pop()));
    }, // BINPERSID
  };

  #mention(parts: readonly PickleValue[]): void {
    const other = parts.find((part) => typeof part !== 'string');
    if (other !== undefined) this.#fail('the name of a class', shown(other));
    const global = parts.join('.');
    if (!this.#rules.isAllowed(global)) this.#refuse(`mentions ${shown(global)}`);
    this.#push(new PickleGlobal(global));
  }

  #call([callee, given]: readonly PickleValue[]): void {
    const global = callee instanceof PickleGlobal ? callee.name : 'something without a name';
    const result =
      callee instanceof PickleGlobal && Array.isArray(given)
        ? this.#rules.call(global, given, this.#budget)
        : undefined;
    if (result === undefined) this.#refuse(`calls ${shown(global)}`);
    this.#push(result);
  }

  /** Ignores attributes. Those of an ordered dictionary (PyTorch's `_metadata`) only hold module versions. */
  #build(): void {
    this.#pop();
    if (!(this.#top() instanceof Map)) this.#refuse('sets the attributes of an object');
  }

  #append(values: readonly PickleValue[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) this.#fail('a list to append to', shown(list));
    else {
      this.#budget.hold(BYTES_OF_VALUE.element * values.length);
      for (const value of values) list.push(value);
    }
  }

  #set(items: readonly PickleValue[]): void {
    const dictionary = this.#top();
    if (!(dictionary instanceof Map) || items.length % 2 === 1) this.#fail('a dictionary to add to', 'something else');
    else {
      this.#budget.hold(BYTES_OF_VALUE.element * items.length);
      for (let index = 0; index < items.length; index += 2) dictionary.set(items[index], items[index + 1]);
    }
  }

  #keep(index: number): void {
    this.#budget.hold(BYTES_OF_VALUE.element);
    this.#memo.set(index, this.#top());
  }

  #get(index: number): void {
    if (!this.#memo.has(index)) this.#fail(`a value that it has kept as number ${index}`, 'none');
    this.#push(this.#memo.get(index));
  }

  #push(value: PickleValue): void {
    this.#stack.push(value);
  }

  #pushList(values: PickleValue[]): void {
    this.#budget.hold(BYTES_OF_VALUE.list + BYTES_OF_VALUE.element * values.length);
    this.#push(values);
  }

  #popMany(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.#pop()).reverse();
  }

  #pop(): PickleValue {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  #top(): PickleValue {
    const value = this.#stack.at(-1);
    if (this.#stack.length === 0 || value === MARK) this.#fail('a value on its stack', 'none');
    return value;
  }

  #popToMark(): PickleValue[] {
    const mark = this.#stack.lastIndexOf(MARK);
    if (mark < 0) this.#fail('a mark on its stack', 'none');
    return this.#stack.splice(mark).slice(1);
  }

  /** A little-endian two's complement integer. */
  #long(length: number): number | bigint {
    const value = this.#slice(length).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
    const signed = BigInt.asIntN(8 * length, value);
    return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#position);
    if (end < 0) this.#fail('a name that ends', 'the end of the file');
    const text = this.#text(end - this.#position);
    this.#take(1);
    return text;
  }

  #text(length: number): string {
    this.#budget.hold(2 * length);
    return new TextDecoder().decode(this.#slice(length));
  }

  #slice(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  #length32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  #byte(): number {
    return this.#bytes[this.#take(1)]!;
  }

  /**
   * Advances by `count` bytes.
   * @returns the position of the first of them
   */
  #take(count: number): number {
    const start = this.#position;
    if (start + count > this.#bytes.length) this.#fail('a pickle that ends', 'the end of the file');
    this.#position += count;
    return start;
  }

  #refuse(what: string): never {
    throw new UserError(
      `${this.#name}: expected a checkpoint of tensors, found a pickle that ${what}, which is refused; ` +
        'save model.state_dict() alone',
    );
  }

  #fail(expected: string, found: string): never {
    throw new UserError(`${this.#name}: expected ${expected}, found ${found}`);
  }
}
