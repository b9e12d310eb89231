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

/**
 * A fault of TensorFlow's shared library, or of a download. The message is one line. It ends with the command that cures the fault, if
 * there is one.
 */
export class LibraryError extends Error {
  readonly code: LibraryErrorCode;
  /** The message without the cure. */
  readonly problem: string;
  /** The command that cures the fault. */
  readonly cure?: string;

  constructor(code: LibraryErrorCode, problem: string, options: ErrorOptions & { cure?: string } = {}) {
    super(options.cure === undefined ? problem : `${problem}; run \`${options.cure}\``, options);
    this.name = 'LibraryError';
    this.code = code;
    this.problem = problem;
    if (options.cure !== undefined) this.cure = options.cure;
  }
}
