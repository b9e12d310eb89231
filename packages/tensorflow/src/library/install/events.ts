/** What an install reports while it runs. */
export type InstallEvent =
  /** A line for the user. */
  | { kind: 'message'; text: string }
  /** How far a phase is; `totalBytes` is absent while it is unknown. */
  | { kind: 'progress'; phase: 'download' | 'unpack'; doneBytes: number; totalBytes?: number };

export type InstallListener = (event: InstallEvent) => void;
