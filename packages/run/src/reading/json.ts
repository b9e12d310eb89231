import { UserError } from '../config/errors.ts';
import { Budget, BYTES_OF_VALUE } from './budget.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Parses JSON from outside. Its depth and the memory of its values are counted before any is made, so that whoever
 * walks through the result cannot run out of stack.
 * @param where the file's name, for messages
 * @param expected the content, for messages: `a tokenizer`
 * @throws UserError for text that is no JSON, and for values nested too deeply or too many
 */
export function parseJson(text: string, where: string, expected: string): unknown {
  count(text, Budget.forHeap(where, expected, text.length));
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${where}: expected ${expected} in JSON, found damaged text`, { cause: error });
  }
}

/** Counts lists, objects and elements outside strings. */
function count(text: string, budget: Budget): void {
  let depth = 0;
  for (let position = 0; position < text.length; position++) {
    switch (text.charCodeAt(position)) {
      case QUOTE:
        position = endOfString(text, position);
        break;
      case 0x2c: // ,
        budget.hold(BYTES_OF_VALUE.element);
        break;
      case 0x5b: // [
      case 0x7b: // {
        budget.hold(BYTES_OF_VALUE.list);
        budget.descend(++depth);
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
    }
  }
}

/** Position of the quote that closes a string, or the end of the text. */
function endOfString(text: string, start: number): number {
  for (let position = start + 1; position < text.length; position++) {
    const code = text.charCodeAt(position);
    if (code === BACKSLASH) position++;
    else if (code === QUOTE) return position;
  }
  return text.length;
}
