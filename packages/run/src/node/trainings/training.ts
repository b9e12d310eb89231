/** One of several trainings, as the file of a sweep or a study keeps it while they go on. */
export interface Training {
  /** Of its folder in the folder of all. */
  readonly name: string;
  status: 'waiting' | 'running' | 'completed' | 'stopped' | 'failed';
  wallTimeInSeconds: number | null;
  /** Why it failed. */
  error: string | null;
}

/** `12 runs: 3 completed, 2 running, 7 waiting` */
export function countLine(runs: readonly Training[]): string {
  const counts = new Map<string, number>();
  for (const { status } of runs) counts.set(status, (counts.get(status) ?? 0) + 1);
  return `${runs.length} runs: ${[...counts].map(([status, count]) => `${count} ${status}`).join(', ')}`;
}
