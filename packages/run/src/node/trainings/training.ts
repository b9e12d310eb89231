/** One of several trainings, as stored in the file of a sweep or study. */
export interface Training {
  /** Name of its folder in the common folder. */
  readonly name: string;
  status: 'waiting' | 'running' | 'completed' | 'stopped' | 'failed';
  wallTimeInSeconds: number | null;
  /** Reason of a failure. */
  error: string | null;
}

/** Counts by status: `12 runs: 3 completed, 2 running, 7 waiting`. */
export function countLine(runs: readonly Training[]): string {
  const counts = new Map<string, number>();
  for (const { status } of runs) counts.set(status, (counts.get(status) ?? 0) + 1);
  return `${runs.length} runs: ${[...counts].map(([status, count]) => `${count} ${status}`).join(', ')}`;
}
