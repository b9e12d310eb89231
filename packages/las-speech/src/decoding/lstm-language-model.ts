import {
  buffer,
  Linear,
  LstmCell,
  Module,
  RandomStream,
  restored,
  type StateDict,
  type TensorTree,
} from '@motley/core';
import { UserError } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { type Alphabet, END } from '../alphabet.ts';
import type { LanguageModel } from './language-model.ts';
import { IMPOSSIBLE } from './rows.ts';

/** Smallest probability of a symbol, and that of letters which the network has never seen. */
const FLOOR = 1e-6;

const SENTENCE_MARKS = '.!?';
const BYTE_COUNT = 256;

interface LstmLanguageState extends Readonly<Record<string, TensorTree>> {
  readonly cells: readonly { readonly hidden: tf.Tensor; readonly cell: tf.Tensor }[]; // [R, D] each
  readonly logits: tf.Tensor; // [R, N], of the network's next symbol
}

/**
 * A character-level LSTM with the parameter names of a char-rnn checkpoint, read as a language model over another alphabet.
 * R rows, V symbols of the alphabet, N of the network.
 *
 * Symbols of the network that are the same in speech are one: capitals and accents that the alphabet lacks are the letter
 * below them, and white space is a space. Their probabilities are summed, and the likeliest of them is what the network
 * reads. A sentence ends at `.`, `!` or `?`, in a network without them at a line's end. Symbols that are never said count
 * nothing: the others' probabilities sum to 1.
 */
export class LstmLanguageModel extends Module implements LanguageModel {
  readonly layers: readonly LstmCell[];
  readonly classifier: Linear;
  /** Code point of each symbol, int32 [N]. */
  readonly vocabulary: tf.Variable;
  /** Letters of the alphabet that the network lacks. */
  readonly missing: string;
  readonly #units: number;
  readonly #members: readonly (readonly number[])[];
  readonly #prefix: readonly number[];

  /**
   * @param weights tensors of a char-rnn network, as in its checkpoints below `network.`
   * @param place name of the weights, for messages
   * @throws UserError where they are another network's, or of a text without sentences or without most letters
   */
  static from(weights: StateDict, alphabet: Alphabet, place: string): LstmLanguageModel {
    const { vocabulary, 'layers.0.weight_hh': recurrent } = weights;
    if (vocabulary?.rank !== 1 || vocabulary.dtype !== 'int32' || recurrent?.rank !== 2)
      throw new UserError(
        `${place}: expected a char-rnn network, with tensors vocabulary and layers.0.weight_hh, found ${Object.keys(weights).slice(0, 3).join(', ')}`,
      );
    const layers = Object.keys(weights).filter((name) => /^layers\.\d+\.weight_hh$/.test(name)).length;
    const sizes = { layers, units: recurrent.shape[1]! };
    try {
      return restored(new LstmLanguageModel(vocabulary.dataSync<'int32'>(), sizes, alphabet), weights);
    } catch (error) {
      if (error instanceof UserError) throw new UserError(`${place}: ${error.message}`, { cause: error });
      throw error;
    }
  }

  /**
   * @param vocabulary code point of each symbol
   * @throws UserError where the vocabulary does not serve the alphabet
   */
  constructor(
    vocabulary: Int32Array,
    { layers, units }: { readonly layers: number; readonly units: number },
    alphabet: Alphabet,
  ) {
    super();
    const { members, missing, prefix } = correspondence(vocabulary, alphabet);
    this.#members = members;
    this.#prefix = prefix;
    this.#units = units;
    this.missing = missing;
    const random = RandomStream.fromSeed(0);
    this.layers = Array.from(
      { length: layers },
      (_, layer) => new LstmCell(layer === 0 ? vocabulary.length : units, units, { random }),
    );
    this.classifier = new Linear(units, vocabulary.length, { random });
    this.vocabulary = buffer(tf.tensor1d(vocabulary, 'int32'));
  }

  /** State after the end of another sentence. */
  begin(rows: number): LstmLanguageState {
    const zeros = (): tf.Tensor => tf.zeros([rows, this.#units]);
    const initial: LstmLanguageState = {
      cells: this.layers.map(() => ({ hidden: zeros(), cell: zeros() })),
      logits: tf.zeros([rows, this.vocabulary.size]),
    };
    return this.#prefix.reduce((state, symbol) => this.#read(tf.fill([rows], symbol, 'int32'), state), initial);
  }

  step(symbols: tf.Tensor, before: TensorTree) {
    const last = before as LstmLanguageState;
    const size = this.vocabulary.size;
    const isMember = tf.tensor2d(
      this.#members.map((group) => {
        const row = new Array<number>(size).fill(0);
        for (const member of group) row[member] = 1;
        return row;
      }),
    ); // [V, N]
    const isKnown = tf.tensor1d(
      this.#members.map(({ length }, symbol) => Number(length > 0 && symbol !== END)),
      'bool',
    );
    const groups = tf.gather(isMember, symbols); // [R, N]
    const likeliest = tf.argMax(tf.add(last.logits, tf.mul(tf.sub(1, groups), IMPOSSIBLE)), 1);
    const next = this.#read(tf.cast(likeliest, 'int32'), last);
    // A letter that the network lacks is not read.
    const isRead = tf.expandDims(tf.cast(tf.gather(tf.cast(isKnown, 'int32'), symbols), 'bool'), 1);
    const either = (after: tf.Tensor, same: tf.Tensor): tf.Tensor => tf.where(isRead, after, same);
    const state: LstmLanguageState = {
      cells: next.cells.map(({ hidden, cell }, layer) => {
        const same = last.cells[layer]!;
        return { hidden: either(hidden, same.hidden), cell: either(cell, same.cell) };
      }),
      logits: either(next.logits, last.logits),
    };
    const probabilities = tf.matMul(tf.softmax(state.logits), isMember, false, true); // [R, V]
    const share = tf.div(probabilities, tf.maximum(tf.sum(probabilities, 1, true), FLOOR));
    return { logProbabilities: tf.log(tf.maximum(share, FLOOR)), state };
  }

  /** @param symbols of the network, int32 [R] */
  #read(symbols: tf.Tensor, { cells }: LstmLanguageState): LstmLanguageState {
    let input: tf.Tensor = tf.oneHot(symbols, this.vocabulary.size, 1, 0, 'float32'); // [R, N]
    const next = this.layers.map((layer, index) => {
      const { hidden, cell } = layer.forward(input, cells[index]!);
      input = hidden;
      return { hidden, cell };
    });
    return { cells: next, logits: this.classifier.forward(input) };
  }
}

/** Which symbols of a network are which of an alphabet. */
interface Correspondence {
  /** Symbols of the network that each id of the alphabet stands for. */
  readonly members: readonly (readonly number[])[];
  readonly missing: string;
  /** Symbols of the network that end one sentence and begin the next. */
  readonly prefix: readonly number[];
}

function correspondence(vocabulary: Int32Array, alphabet: Alphabet): Correspondence {
  requireCharacters(vocabulary, alphabet);
  const characters = Array.from(vocabulary, (codePoint) => String.fromCodePoint(codePoint));
  const marks = Array.from(SENTENCE_MARKS).filter((mark) => characters.includes(mark));
  const endings = marks.length > 0 ? marks : characters.filter((character) => character === '\n');
  if (endings.length === 0)
    throw new UserError(
      'expected a language model of sentences, with line ends or . ! ? in its vocabulary, found none',
    );
  const members = Array.from({ length: alphabet.size }, (): number[] => []);
  for (const [symbol, character] of characters.entries()) {
    if (endings.includes(character)) members[END]!.push(symbol);
    else {
      const letter = letterOf(character, alphabet);
      if (letter !== undefined) members[alphabet.ids(letter)[0]!]!.push(symbol);
    }
  }
  const letters = Array.from(alphabet.letters);
  const missing = letters.filter((letter) => members[alphabet.ids(letter)[0]!]!.length === 0);
  if (2 * missing.length > letters.length)
    throw new UserError(
      `expected a language model of the letters "${alphabet.letters}", found ${letters.length - missing.length} of ${letters.length}`,
    );
  const space = characters.indexOf(' ');
  const isLine = marks.length === 0 || space < 0;
  const prefix = [characters.indexOf(endings[0]!), ...(isLine ? [] : [space])];
  return { members, missing: missing.join(''), prefix };
}

/** The alphabet's letter that a character is said as; undefined where it is not said. */
function letterOf(character: string, alphabet: Alphabet): string | undefined {
  const small = character.toLowerCase();
  const candidates = [small, /\s/.test(character) ? ' ' : undefined, small === '’' ? "'" : undefined, baseOf(small)];
  return candidates.find((letter) => letter !== undefined && alphabet.has(letter));
}

/** The letter below an accent. */
function baseOf(character: string): string | undefined {
  return Array.from(character.normalize('NFD'))[0];
}

/** A vocabulary of all bytes has no letters beyond ASCII. */
function requireCharacters(vocabulary: Int32Array, { letters }: Alphabet): void {
  const isBytes = vocabulary.length === BYTE_COUNT && vocabulary.every((value, index) => value === index);
  const beyond = Array.from(letters).find((letter) => letter.codePointAt(0)! > 127);
  if (isBytes && beyond !== undefined)
    throw new UserError(`expected a language model of characters, as "${beyond}" is several bytes, found one of bytes`);
}
