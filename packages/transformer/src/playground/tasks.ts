import { RandomStream } from '@motley/core';

/** A question and its answer, as symbols. */
export interface Example {
  readonly source: readonly number[];
  readonly target: readonly number[];
}

/** A toy task, with endless examples. */
export interface Task {
  readonly description: string;
  /** Character of symbol `FIRST_SYMBOL + i`; padding, begin and end come before. */
  readonly symbols: readonly string[];
  /** Draws an example; `length` counts the letters, or the digits of each number, of the question. */
  example(random: RandomStream, length: number): Example;
}

export const TASK_NAMES = ['copy', 'reverse', 'sort', 'addition'] as const;
export type TaskName = (typeof TASK_NAMES)[number];

/** First symbol after padding, begin and end. */
export const FIRST_SYMBOL = 3;

const LETTERS = Array.from('abcdefghijklmnopqrst');
const DIGITS_AND_PLUS = Array.from('0123456789+');
const PLUS = FIRST_SYMBOL + 10;

const letters = (random: RandomStream, length: number): number[] =>
  Array.from(random.integers(length, FIRST_SYMBOL, FIRST_SYMBOL + LETTERS.length));

const symbolsOf = (digits: ArrayLike<number>): number[] => Array.from(digits, (digit) => FIRST_SYMBOL + digit);

/** a + b of `length` digits each, and their sum of one more digit, most significant digit first, with leading zeros. */
function addition(random: RandomStream, length: number): Example {
  const [a, b] = [random.integers(length, 0, 10), random.integers(length, 0, 10)];
  const sum: number[] = [];
  let carry = 0;
  for (let place = length - 1; place >= 0; place--) {
    const digit = a[place]! + b[place]! + carry;
    sum.unshift(digit % 10);
    carry = Math.floor(digit / 10);
  }
  return { source: [...symbolsOf(a), PLUS, ...symbolsOf(b)], target: symbolsOf([carry, ...sum]) };
}

/** Toy tasks; each training example is drawn once. */
export const TASKS: Readonly<Record<TaskName, Task>> = {
  copy: {
    description: 'repeat the letters',
    symbols: LETTERS,
    example(random, length) {
      const source = letters(random, length);
      return { source, target: source };
    },
  },
  reverse: {
    description: 'reverse the letters',
    symbols: LETTERS,
    example(random, length) {
      const source = letters(random, length);
      return { source, target: source.toReversed() };
    },
  },
  sort: {
    description: 'sort the letters',
    symbols: LETTERS,
    example(random, length) {
      const source = letters(random, length);
      return { source, target: source.toSorted((a, b) => a - b) };
    },
  },
  addition: {
    description: 'add two numbers with the same number of digits',
    symbols: DIGITS_AND_PLUS,
    example: addition,
  },
};

/** One in this many questions is held out. */
const HELD_OUT_ONE_IN = 10;

/** Whether a question is held out. It depends on the symbols alone, so training never draws a held-out question. */
export function isHeldOut(source: readonly number[]): boolean {
  let hash = 0x811c9dc5; // FNV-1a, whose low bits are mixed once more (Murmur's finalizer)
  for (const symbol of source) hash = Math.imul(hash ^ symbol, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash >>> 16) % HELD_OUT_ONE_IN === 0;
}

/** The task restricted to training questions or to held-out questions. */
export function partOf(task: Task, part: 'training' | 'held-out'): Task {
  const isWanted = ({ source }: Example): boolean => isHeldOut(source) === (part === 'held-out');
  return {
    ...task,
    example(random, length) {
      let example = task.example(random, length);
      while (!isWanted(example)) example = task.example(random, length);
      return example;
    },
  };
}
