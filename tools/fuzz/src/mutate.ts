import type { Draws } from './draws.ts';
import type { Structure } from './seed-file.ts';

const INTERESTING = Object.freeze([0, 1, -1, 127, 128, 255, 256, 32_767, 65_535, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]);
const MOST_COPIED = 64;

type Mutation = (bytes: Buffer, draws: Draws, others: readonly Buffer[]) => Buffer;

/** Changes that know nothing of a file's structure. */
const byteMutations: readonly Mutation[] = [
  function flipBit(bytes, draws) {
    if (bytes.length > 0) bytes[draws.below(bytes.length)]! ^= 1 << draws.below(8);
    return bytes;
  },
  function setByte(bytes, draws) {
    if (bytes.length > 0) bytes[draws.below(bytes.length)] = draws.below(256);
    return bytes;
  },
  function truncate(bytes, draws) {
    return bytes.subarray(0, draws.below(bytes.length + 1));
  },
  function remove(bytes, draws) {
    const start = draws.below(bytes.length);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + 1 + draws.below(MOST_COPIED))]);
  },
  function insert(bytes, draws) {
    const inserted = Buffer.from(Array.from({ length: 1 + draws.below(8) }, () => draws.below(256)));
    return spliced(bytes, draws.below(bytes.length + 1), inserted);
  },
  function copyBlock(bytes, draws) {
    const start = draws.below(bytes.length);
    const block = bytes.subarray(start, start + 1 + draws.below(MOST_COPIED));
    return spliced(bytes, draws.below(bytes.length + 1), block);
  },
  function splice(bytes, draws, others) {
    const other = draws.pick(others);
    return Buffer.concat([bytes.subarray(0, draws.below(bytes.length + 1)), other.subarray(draws.below(other.length))]);
  },
  function writeInteger(bytes, draws) {
    const width = draws.pick([1, 2, 4, 8]);
    if (bytes.length < width) return bytes;
    const value = Buffer.alloc(8);
    value.writeBigInt64LE(BigInt(draws.pick(INTERESTING)));
    const written = value.subarray(0, width);
    (draws.once(2) ? written : written.reverse()).copy(bytes, draws.below(bytes.length - width + 1));
    return bytes;
  },
];

function spliced(bytes: Buffer, at: number, inserted: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
}

const ODD_TEXTS: readonly string[] = Object.freeze([
  '',
  '__proto__',
  'constructor',
  '\u0000',
  '\u001b[31m',
  'a\nb',
  '../..',
  '/etc/passwd',
  '-1',
  '1e999',
  'NaN',
  '9007199254740993',
  '\ufeff',
  '"',
  '<a>',
  ',,,',
]);

/** Replaces, repeats or removes a line or a word. */
function mutateText(bytes: Buffer, draws: Draws): Buffer {
  const separator = draws.pick(['\n', ' ', ',', '<', '>', '"']);
  const parts = bytes.toString('latin1').split(separator);
  const index = draws.below(parts.length);
  const odd = Buffer.from(draws.pick(ODD_TEXTS)).toString('latin1');
  if (draws.once(3)) parts[index] = odd;
  else if (draws.once(2)) parts.splice(index, 0, parts[draws.below(parts.length)]!);
  else parts.splice(index, 1);
  return Buffer.from(parts.join(separator), 'latin1');
}

function oddValue(draws: Draws): unknown {
  const values: readonly (() => unknown)[] = [
    () => null,
    () => draws.pick(INTERESTING),
    () => draws.pick([0.5, -0.5, 1e308, -1e308, 5e-324, 2 ** 53]),
    () => draws.pick(ODD_TEXTS),
    () => [],
    () => ({}),
    () => draws.once(2),
    () => new Array<number>(draws.below(300)).fill(draws.pick(INTERESTING)),
    () => 'x'.repeat(draws.below(3000)),
    () => Array.from({ length: draws.below(100) }).reduce<unknown>((inner) => [inner], 0),
  ];
  return draws.pick(values)();
}

/** Changes one value of JSON: replaces it, removes it, or repeats it under another name. */
function mutateJson(bytes: Buffer, draws: Draws): Buffer {
  let root: unknown;
  try {
    root = JSON.parse(bytes.toString());
  } catch {
    return mutateText(bytes, draws);
  }
  const places: (readonly [holder: Record<string, unknown>, key: string])[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      places.push([value as Record<string, unknown>, key]);
      visit((value as Record<string, unknown>)[key]);
    }
  };
  visit(root);
  if (places.length === 0 || draws.once(50)) return Buffer.from(JSON.stringify(oddValue(draws)));
  const [holder, key] = draws.pick(places);
  const value = holder[key];
  if (draws.once(5)) {
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else Reflect.deleteProperty(holder, key);
  } else if (draws.once(4)) {
    const name = draws.pick(ODD_TEXTS);
    if (Array.isArray(holder)) holder.push(value);
    else Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
  } else holder[key] = oddValue(draws);
  return Buffer.from(JSON.stringify(root));
}

const OPCODES = Object.freeze([
  ...Buffer.from(
    '(.N\u0088\u0089JKM\u008aG\u008cXUTCB]\u008f})t\u0085\u0086\u0087ae\u0090suqr\u0094hjc\u0093R\u0081bQ0',
    'latin1',
  ),
]);

/** Changes instructions of a pickle: replaces one, or inserts some that repeat what is kept. */
function mutatePickle(bytes: Buffer, draws: Draws): Buffer {
  const at = draws.below(bytes.length);
  if (draws.once(2) && bytes.length > 0) {
    bytes[at] = draws.pick(OPCODES);
    return bytes;
  }
  const kept = draws.below(8);
  const snippets: readonly (() => number[])[] = [
    () => [0x68, kept], // BINGET
    () => [0x71, kept], // BINPUT
    () => Array.from({ length: 1 + draws.below(40) }, () => [0x68, kept, 0x86, 0x71, kept]).flat(), // doubling
    () => [0x28, ...new Array<number>(draws.below(200)).fill(0x4e), 0x74], // a tuple of None
    () => new Array<number>(draws.below(200)).fill(0x85), // tuples in tuples
    () => [draws.pick(OPCODES), draws.pick(OPCODES)],
  ];
  return spliced(bytes, at, Buffer.from(draws.pick(snippets)()));
}

const structured = { bytes: undefined, text: mutateText, json: mutateJson, pickle: mutatePickle } as const;

/**
 * Changes a copy of `content` one to three times.
 * @param others bytes to splice with
 */
export function mutate(content: Buffer, structure: Structure, draws: Draws, others: readonly Buffer[]): Buffer {
  let bytes = Buffer.from(content);
  for (let times = 1 + draws.below(3); times > 0; times--) {
    const own = structured[structure];
    const mutation: Mutation = own !== undefined && draws.once(2) ? own : draws.pick(byteMutations);
    bytes = Buffer.from(mutation(bytes, draws, others));
  }
  return bytes;
}
