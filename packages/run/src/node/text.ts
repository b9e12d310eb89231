import { UserError } from '../config/errors.ts';
import { readUserFile } from './files.ts';
import { decodeUtf8 } from './utf8.ts';

export interface TextOptions {
  /** A larger file is refused. Default 256 MiB: a string of JavaScript holds twice that. */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 256 * 2 ** 20;

/**
 * Reads a text in UTF-8, with or without a byte order mark; line ends stay as they are.
 * @throws UserError naming the file and, where it is no UTF-8, the byte
 */
export async function loadText(path: string, { maxBytes = DEFAULT_MAX_BYTES }: TextOptions = {}): Promise<string> {
  const bytes = await readUserFile(path, 'a text', maxBytes);
  if (bytes.length === 0) throw new UserError(`${path}: expected a text, found an empty file`);
  const zero = bytes.indexOf(0);
  const text = decodeUtf8(bytes, path);
  if (zero >= 0) throw new UserError(`${path}: byte ${zero}: expected a text, found a zero byte`);
  return text;
}

/**
 * The lines of a text: LF or CRLF ends a line, and nothing else does (a Unicode line separator may stand in a sentence).
 * @throws UserError as `loadText`
 */
export async function loadLines(path: string, options: TextOptions = {}): Promise<string[]> {
  const lines = (await loadText(path, options)).split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Line i of one text is line i of the other in another language. */
export interface ParallelText {
  readonly source: readonly string[];
  readonly target: readonly string[];
}

/**
 * Reads two line-aligned texts, as translation corpora come.
 * @throws UserError as `loadText`, and where one has more lines than the other
 */
export async function loadParallelText(
  sourcePath: string,
  targetPath: string,
  options: TextOptions = {},
): Promise<ParallelText> {
  const [source, target] = [await loadLines(sourcePath, options), await loadLines(targetPath, options)];
  if (source.length !== target.length)
    throw new UserError(
      `${targetPath}: expected ${source.length} lines, one for each of ${sourcePath}, found ${target.length}`,
    );
  return { source, target };
}
