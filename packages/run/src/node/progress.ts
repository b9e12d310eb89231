import { SingleBar } from 'cli-progress';
import type { Metrics, Progress, TrainingListener } from '../loop/events.ts';

/** Stream that progress is written to: standard error, or a stream of a test. */
export interface ProgressStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
}

/** Listener that shows the progress of a training. `stop` clears its line. */
export interface ProgressDisplay extends TrainingListener {
  /** Ends the bar, so that other lines can follow. */
  stop(): void;
}

const LINE_INTERVAL_IN_MS = 5000;

/**
 * Progress on `stream`: a bar with rate and time left on a terminal, otherwise a line every few seconds.
 * @param now clock in milliseconds
 */
export function progressDisplay(
  stream: ProgressStream = process.stderr,
  now: () => number = Date.now,
): ProgressDisplay {
  return stream.isTTY === true ? barDisplay(stream, now) : lineDisplay(stream, now);
}

function barDisplay(stream: NodeJS.WritableStream, now: () => number): ProgressDisplay {
  const bar = new SingleBar({
    format: '{epochs} {bar} {percentage}% · {rate} · {left} left · {figures}',
    stream,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    // The run handles signals itself.
    gracefulExit: false,
  });
  const timeLeft = timeLeftEstimator(now);
  return {
    onProgress(progress) {
      const { step, steps, metrics } = progress;
      const payload = {
        epochs: epochsOf(progress),
        rate: rateOf(progress),
        left: timeLeft(progress),
        figures: figuresOf(metrics),
      };
      if (bar.isActive) bar.update(step, payload);
      else bar.start(steps, step, payload);
    },
    stop() {
      bar.stop();
    },
  };
}

function lineDisplay(stream: NodeJS.WritableStream, now: () => number): ProgressDisplay {
  const timeLeft = timeLeftEstimator(now);
  let shownAt = -Infinity;
  return {
    onProgress(progress) {
      const left = timeLeft(progress);
      if (now() - shownAt < LINE_INTERVAL_IN_MS) return;
      shownAt = now();
      const place = `${epochsOf(progress)} · step ${progress.step}/${progress.steps}`;
      const parts = [place, rateOf(progress), `${left} left`, figuresOf(progress.metrics)];
      stream.write(`${parts.filter((part) => part !== '').join(' · ')}\n`);
    },
    stop() {
      shownAt = -Infinity;
    },
  };
}

/**
 * Estimates the time left from the steps since the first report. Steps before a resume may come from another machine.
 */
function timeLeftEstimator(now: () => number): (progress: Progress) => string {
  let first: { readonly step: number; readonly at: number } | undefined;
  return ({ step, steps }) => {
    first ??= { step, at: now() };
    const seconds = (((now() - first.at) / 1000) * (steps - step)) / (step - first.step);
    return Number.isFinite(seconds) ? durationOf(seconds) : '?';
  };
}

/** `45 s`, `3 min 05 s`, `2 h 10 min`. */
export function durationOf(seconds: number): string {
  const whole = Math.round(seconds);
  const padded = (value: number): string => String(value).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${padded(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${padded(Math.floor((whole % 3600) / 60))} min`;
}

function epochsOf({ epoch, epochs }: Progress): string {
  return `epoch ${epoch}/${epochs}`;
}

function rateOf({ samplesPerSecond }: Progress): string {
  return `${samplesPerSecond >= 10 ? Math.round(samplesPerSecond) : samplesPerSecond.toFixed(1)} samples/s`;
}

function figuresOf(metrics: Metrics): string {
  return Object.entries(metrics)
    .map(([name, value]) => `${name} ${Number(value.toPrecision(5))}`)
    .join(' · ');
}
