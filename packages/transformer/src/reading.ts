import { UserError } from '@motley/run';
import { decodeUtf8, loadLines } from '@motley/run/node';

/** A longer line is no sentence. */
const MAX_LINE_BYTES = 2 ** 20;
const [LINE_FEED, CARRIAGE_RETURN] = [10, 13];

/** Lines of a text that comes in pieces, several at a time: as many as each piece ends. */
export interface Lines {
  readonly lines: readonly string[];
  /** Of the first of them, from 1. */
  readonly firstNumber: number;
}

/**
 * Lines as they come, so that each is answered before the next need be there.
 * @param name for messages
 * @throws UserError naming the line that is no UTF-8, or longer than a sentence can be
 */
export async function* linesAsTheyCome(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Lines> {
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

/** Sentences that are translated together, and what each is called in messages. */
export interface Sentences {
  readonly sentences: readonly string[];
  readonly place: (index: number) => string;
}

/**
 * What is to be translated: arguments, or the lines of a file, or those of standard input as they come.
 * @param path of a text in UTF-8
 * @throws UserError where there is more than one source, or an argument is empty; as `loadLines` and `linesAsTheyCome`
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
  for await (const { lines, firstNumber } of linesAsTheyCome(input, name))
    yield { sentences: lines, place: (index) => `${name}: line ${firstNumber + index}` };
}
