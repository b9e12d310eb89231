import { UserError } from '@motley/run';
import { decodeUtf8, loadLines } from '@motley/run/node';

/** Longer lines are refused. */
const MAX_LINE_BYTES = 2 ** 20;
const [LINE_FEED, CARRIAGE_RETURN] = [10, 13];

/** Lines of a stream, as many as one chunk completes. */
export interface Lines {
  readonly lines: readonly string[];
  /** Number of the first line, from 1. */
  readonly firstNumber: number;
}

/**
 * Splits a stream into lines as its chunks arrive, so a line can be translated before the next one arrives.
 * @param name name of the stream, for messages
 * @throws UserError if a line is not valid UTF-8 or is longer than `MAX_LINE_BYTES`
 */
export async function* streamLines(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Lines> {
  let pending = Buffer.alloc(0);
  let number = 1;
  const decoded = (bytes: Buffer): string => {
    const line = decodeUtf8(bytes, `${name}: line ${number}`);
    number++;
    return line;
  };
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([pending, chunk]);
    const lines: string[] = [];
    let from = 0;
    for (let to = bytes.indexOf(LINE_FEED); to >= 0; to = bytes.indexOf(LINE_FEED, from)) {
      lines.push(decoded(bytes.subarray(from, bytes[to - 1] === CARRIAGE_RETURN && to > from ? to - 1 : to)));
      from = to + 1;
    }
    pending = Buffer.from(bytes.subarray(from));
    if (pending.length > MAX_LINE_BYTES)
      throw new UserError(`${name}: line ${number}: expected a sentence, found more than ${MAX_LINE_BYTES} bytes`);
    if (lines.length > 0) yield { lines, firstNumber: number - lines.length };
  }
  if (pending.length > 0) yield { lines: [decoded(pending)], firstNumber: number - 1 };
}

/** Sentences to translate together, and the name of each for messages. */
export interface Sentences {
  readonly sentences: readonly string[];
  readonly place: (index: number) => string;
}

/**
 * Sentences to translate: arguments, lines of a file, or lines of standard input as they arrive.
 * @param path path of a UTF-8 text file
 * @throws UserError if there is more than one source, or an argument is empty; as `loadLines` and `streamLines`
 */
export async function* sentencesToTranslate(
  texts: readonly string[],
  path: string | undefined,
  input: AsyncIterable<Uint8Array> = process.stdin as AsyncIterable<Uint8Array>,
): AsyncGenerator<Sentences> {
  if (texts.length > 0 && path !== undefined) throw new UserError('predict: expected sentences or --file, got both');
  if (path !== undefined) {
    yield { sentences: await loadLines(path), place: (index) => `${path}: line ${index + 1}` };
    return;
  }
  if (texts.length > 0) {
    const empty = texts.findIndex((text) => text.trim() === '');
    if (empty >= 0) throw new UserError(`predict: argument ${empty + 1}: expected a sentence, got an empty text`);
    yield { sentences: texts, place: (index) => `predict: argument ${index + 1}` };
    return;
  }
  const name = 'standard input';
  for await (const { lines, firstNumber } of streamLines(input, name))
    yield { sentences: lines, place: (index) => `${name}: line ${firstNumber + index}` };
}
