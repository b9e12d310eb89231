/** Structure of bytes, for mutations that keep most of it. */
export type Structure = 'bytes' | 'text' | 'json' | 'pickle';

/** A good file of a corpus. */
export interface SeedFile {
  readonly name: string;
  /** Bytes to change. */
  readonly content: Buffer;
  readonly structure: Structure;
  /** Container around the bytes, with its checksums and lengths: an archive, a compression, a header. */
  readonly wrap?: (content: Buffer) => Buffer;
}

/** A reader, good files for it, and how it is called. */
export interface Reader {
  readonly name: string;
  /** Files of good input, by variants. All files of a variant lie in one folder when it is read. */
  readonly corpus: () => Promise<readonly (readonly SeedFile[])[]>;
  /** Reads the folder. A mistake in a file must be a UserError. */
  readonly read: (folder: string) => Promise<unknown>;
}
