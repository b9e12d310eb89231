import { SingleBar } from 'cli-progress';
import type { Metrics, Progress, TrainingListener } from '../loop/events.ts';

/** Where progress is written: standard error, or a test's own stream. */
export interface ProgressStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean;
}

/** A listener that shows a training's progress, and clears its line when told to stop. */
export interface ProgressDisplay extends TrainingListener {
  /** Ends the bar, so that other lines can follow. */
  stop(): void;
}

const LINE_INTERVAL_IN_MS = 5000;

/**
 * Progress on `stream`: a bar with rate and time left on a terminal, else a line every few seconds.
 * @param now milliseconds; a test's own clock
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

/** From the steps since the first report: what a resumed run had done before says nothing of this machine. */
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
