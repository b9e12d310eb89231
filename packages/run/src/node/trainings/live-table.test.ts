import { Writable } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { largest } from '../../statistics/extremes.ts';
import { trainingsDisplay, type TrainingsView } from './live-table.ts';
import type { Training } from './training.ts';

const ESCAPE = '\u001b';
const run = (name: string, parts: Partial<Training> = {}): Training => ({
  name,
  status: 'waiting',
  wallTimeInSeconds: null,
  error: null,
  ...parts,
});
const viewOf = (...runs: Training[]): TrainingsView<Training> => ({
  runs,
  table: (shown, activity) => [
    ['run', 'status'],
    ...shown.map((each) => [each.name, activity(each) ?? each.status]).reverse(),
  ],
  remarks: () => ['rate 0.1'],
});

class Screen extends Writable {
  readonly isTTY: boolean;
  readonly rows = 5;
  readonly columns = 60;
  written = '';

  constructor(isTTY: boolean) {
    super({
      write: (chunk: Buffer, _, done) => {
        this.written += chunk.toString();
        done();
      },
    });
    this.isTTY = isTTY;
  }

  /** Text on the terminal: each frame replaces the one before. */
  get shown(): string {
    return this.written.split(new RegExp(`${ESCAPE}\\[\\d+A${ESCAPE}\\[J`)).at(-1)!;
  }
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('shows running trainings first, then the table in order, as far as the terminal has room', () => {
  const running = run('run-3', { status: 'running' });
  const screen = new Screen(true);
  const display = trainingsDisplay(
    viewOf(run('run-1', { status: 'completed' }), run('run-2', { status: 'completed' }), running, run('run-4')),
    screen,
  );
  display.onActivity(running, `epoch 1/2 · ${'x'.repeat(100)}`);
  vi.advanceTimersByTime(1000);
  const lines = screen.shown.trimEnd().split('\n');
  expect(lines[0]).toBe('4 runs: 2 completed, 1 running, 1 waiting');
  expect(lines.slice(1).map((line) => line.slice(0, 5))).toEqual(['run  ', 'run-3', 'run-2']);
  expect(lines[2]).toContain('epoch 1/2 · xxx');
  expect(largest(lines.map(({ length }) => length))).toBeLessThan(60);
  display.stop();
  expect(screen.shown).toBe('');
});

it('without a terminal, prints a line for each run that ends', () => {
  const screen = new Screen(false);
  const failed = run('run-1', { status: 'failed', error: 'no data', wallTimeInSeconds: 1.26 });
  const display = trainingsDisplay(viewOf(failed, run('run-2')), screen);
  display.onChange({ ...failed, status: 'running' });
  display.onChange(failed);
  display.stop();
  expect(screen.written).toBe('run-1 failed in 1.3 s · 1 of 2 · rate 0.1 · no data\n');
});
