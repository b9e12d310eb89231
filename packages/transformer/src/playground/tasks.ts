import { RandomStream } from '@motley/core';

/** A question and its answer, as symbols. */
export interface Example {
  readonly source: readonly number[];
  readonly target: readonly number[];
}

/** Something to learn whose examples never end. */
export interface Task {
  readonly description: string;
  /** What symbol `FIRST_SYMBOL + i` stands for; those before are padding, begin and end. */
  readonly symbols: readonly string[];
  /** An example of a length: of digits or letters, not of the answer. */
  example(random: RandomStream, length: number): Example;
}

export const TASK_NAMES = ['copy', 'reverse', 'sort', 'addition'] as const;
export type TaskName = (typeof TASK_NAMES)[number];

/** Padding, begin and end come before. */
export const FIRST_SYMBOL = 3;

const LETTERS = Array.from('abcdefghijklmnopqrst');
const DIGITS_AND_PLUS = Array.from('0123456789+');
const PLUS = FIRST_SYMBOL + 10;

const letters = (random: RandomStream, length: number): number[] =>
  Array.from(random.integers(length, FIRST_SYMBOL, FIRST_SYMBOL + LETTERS.length));

const symbolsOf = (digits: ArrayLike<number>): number[] => Array.from(digits, (digit) => FIRST_SYMBOL + digit);

/** a + b, each of `length` digits, and their sum of one digit more, as one writes them; zeros in front stay. */
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

/** The playground's tasks, each learnt from examples that are drawn and thrown away. */
export const TASKS: Readonly<Record<TaskName, Task>> = {
  copy: {
    description: 'say it again',
    symbols: LETTERS,
    example(random, length) {
      const source = letters(random, length);
      return { source, target: source };
    },
  },
  reverse: {
    description: 'say it backwards',
    symbols: LETTERS,
    example(random, length) {
      const source = letters(random, length);
      return { source, target: source.toReversed() };
    },
  },
  sort: {
    description: 'say its letters in alphabetical order',
    symbols: LETTERS,
    example(random, length) {
      const source = letters(random, length);
      return { source, target: source.toSorted((a, b) => a - b) };
    },
  },
  addition: {
    description: 'add two numbers of as many digits',
    symbols: DIGITS_AND_PLUS,
    example: addition,
  },
};

/** One question in so many is held out. */
const HELD_OUT_ONE_IN = 10;

/** Whether a question is kept for the test: a matter of its symbols alone, so that no draw of training meets it. */
export function isHeldOut(source: readonly number[]): boolean {
  let hash = 0x811c9dc5; // FNV-1a, whose low bits are mixed once more (Murmur's finaliser)
  for (const symbol of source) hash = Math.imul(hash ^ symbol, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash >>> 16) % HELD_OUT_ONE_IN === 0;
}

/** The task with the questions of one side alone: those of training, or the held-out ones. */
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
