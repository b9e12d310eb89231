import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';

const CHUNK_BYTES = 2 ** 20;
/** Size limit of a line. A longer one is skipped. */
const MAX_LINE_BYTES = 2 ** 24;
/** Bytes before the position that tell whether the file is still the same. */
const SEEN_BYTES = 128;

/** Place in a file that grows, as kept between two programs. */
export interface ReadPosition {
  readonly inode: number;
  readonly offset: number;
  /** Last bytes before the offset, in base64. */
  readonly seen: string;
}

/** Result of looking at a file again. */
export type Growth = 'nothing' | 'more' | 'anew';

/**
 * Reads the complete lines of a file that grows, each once. A line without its end is read when it has one. A file that
 * was replaced, cut or rewritten is read from its start.
 */
export class LineReader {
  readonly #path: string;
  #inode = -1;
  #offset = 0;
  #seen = Buffer.alloc(0);
  #stamp = '';
  #skipped = 0;

  constructor(path: string, position?: ReadPosition) {
    this.#path = path;
    if (position === undefined) return;
    this.#inode = position.inode;
    this.#offset = position.offset;
    this.#seen = Buffer.from(position.seen, 'base64');
  }

  get position(): ReadPosition {
    return { inode: this.#inode, offset: this.#offset, seen: this.#seen.toString('base64') };
  }

  /** Lines that were too long. */
  get skipped(): number {
    return this.#skipped;
  }

  /**
   * Reads what is new.
   * @param onAnew called before lines from the start of another file
   * @param onLines gets the text of complete lines, each with its end
   * @throws errors of the file system, but not where the file is missing
   */
  async read(onAnew: () => void, onLines: (lines: string) => void): Promise<Growth> {
    const file = await openRegular(this.#path);
    if (file === undefined) return 'nothing';
    try {
      const { ino, size, mtimeMs } = await file.stat();
      const stamp = `${ino}:${size}:${mtimeMs}`;
      if (stamp === this.#stamp) return 'nothing';
      const isSame = ino === this.#inode && size >= this.#offset && (await this.#isAsSeen(file));
      if (!isSame) {
        this.#inode = ino;
        this.#offset = 0;
        this.#seen = Buffer.alloc(0);
        this.#skipped = 0;
        onAnew();
      }
      const before = this.#offset;
      await this.#readTo(file, size, onLines);
      this.#stamp = stamp;
      if (!isSame) return 'anew';
      return this.#offset === before ? 'nothing' : 'more';
    } finally {
      await file.close();
    }
  }

  async #isAsSeen(file: FileHandle): Promise<boolean> {
    const seen = Buffer.alloc(this.#seen.length);
    const { bytesRead } = await file.read(seen, 0, seen.length, this.#offset - seen.length);
    return bytesRead === seen.length && seen.equals(this.#seen);
  }

  async #readTo(file: FileHandle, size: number, onLines: (lines: string) => void): Promise<void> {
    let chunk = Buffer.allocUnsafe(Math.max(1, Math.min(CHUNK_BYTES, size - this.#offset)));
    let isInLongLine = false;
    while (this.#offset < size) {
      const { bytesRead } = await file.read(chunk, 0, Math.min(chunk.length, size - this.#offset), this.#offset);
      if (bytesRead === 0) return;
      const end = chunk.lastIndexOf(10, bytesRead - 1) + 1;
      if (end === 0) {
        if (this.#offset + bytesRead >= size && bytesRead < MAX_LINE_BYTES) return;
        if (chunk.length < MAX_LINE_BYTES) {
          chunk = Buffer.allocUnsafe(Math.min(2 * chunk.length, MAX_LINE_BYTES));
          continue;
        }
        isInLongLine = true;
        this.#advance(chunk, bytesRead);
        continue;
      }
      let start = 0;
      if (isInLongLine) {
        start = chunk.indexOf(10) + 1;
        isInLongLine = false;
        this.#skipped++;
      }
      onLines(chunk.toString('utf8', start, end));
      this.#advance(chunk, end);
    }
  }

  #advance(chunk: Buffer, count: number): void {
    this.#seen = Buffer.from(chunk.subarray(Math.max(0, count - SEEN_BYTES), count));
    this.#offset += count;
  }
}

/** Opens a regular file; neither follows a link nor waits for a pipe. */
export async function openRegular(path: string): Promise<FileHandle | undefined> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants as Partial<typeof constants>;
  let file: FileHandle;
  try {
    file = await open(path, O_RDONLY! | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    return undefined;
  }
  if ((await file.stat()).isFile()) return file;
  await file.close();
  return undefined;
}
