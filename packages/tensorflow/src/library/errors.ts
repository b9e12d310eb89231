export type LibraryErrorCode =
  | 'not-found'
  | 'damaged'
  | 'wrong-architecture'
  | 'missing-framework'
  | 'unsupported-platform'
  | 'no-network'
  | 'no-space'
  | 'download-failed'
  | 'bad-archive'
  | 'bad-argument';

/** What went wrong with TensorFlow's shared library: one line, with the cure where there is one. */
export class LibraryError extends Error {
  readonly code: LibraryErrorCode;

  constructor(code: LibraryErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LibraryError';
    this.code = code;
  }
}
