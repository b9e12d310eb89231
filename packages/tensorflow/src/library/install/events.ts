/** An event of a running install. */
export type InstallEvent =
  /** A line for the user. */
  | { kind: 'message'; text: string }
  /** Progress of a phase; `totalBytes` is absent while it is unknown. */
  | { kind: 'progress'; phase: 'download' | 'unpack'; doneBytes: number; totalBytes?: number };

export type InstallListener = (event: InstallEvent) => void;
