import { UserError } from '../config/errors.ts';
import { Budget, BYTES_OF_VALUE } from '../reading/budget.ts';
import { readUserFile } from './files.ts';
import { decodeUtf8 } from './utf8.ts';

export interface TextOptions {
  /** Maximum file size in bytes. Default 256 MiB; a JavaScript string holds twice that. */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 256 * 2 ** 20;

/**
 * Reads a UTF-8 text, with or without a byte order mark. Line ends are kept.
 * @throws UserError naming the file and the offset of the first invalid byte
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
 * Reads the lines of a text. Only LF and CRLF end a line, as a sentence may contain a Unicode line separator.
 * @throws UserError like `loadText`
 */
export async function loadLines(path: string, options: TextOptions = {}): Promise<string[]> {
  const text = await loadText(path, options);
  const budget = Budget.forHeap(path, 'lines', text.length);
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) budget.hold(BYTES_OF_VALUE.element);
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Text in two languages: line i of one translates line i of the other. */
export interface ParallelText {
  readonly source: readonly string[];
  readonly target: readonly string[];
}

/**
 * Reads two line-aligned texts, such as a translation corpus.
 * @throws UserError like `loadText`, and where the texts differ in their numbers of lines
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
