import { markdownTable } from '../results.ts';
import { median } from '../statistics.ts';
import type { Comparison, Measurement } from './compare.ts';
import { COMPILED_NAME, EAGER_NAME } from './contenders.ts';
import type { TrainingStep } from './step.ts';

/** A step with its measurements. */
export interface StepResult {
  readonly step: TrainingStep;
  readonly comparison: Comparison;
}

/** Details besides the times per step, as Markdown: our engine, the cost of the first step, memory and failures. */
export function detailsOf(results: readonly StepResult[]): string {
  const names = [...new Set(results.flatMap(({ comparison }) => [...comparison.measurements.keys()]))];
  const table = (heading: string, header: readonly string[], show: (of: Measurement) => string): string[] => {
    const rows = results.map(({ step, comparison: { measurements } }) => [
      step.name,
      ...header.map((name) => (measurements.has(name) ? show(measurements.get(name)!) : '–')),
    ]);
    return ['', `## ${heading}`, '', markdownTable(['', ...header], rows)];
  };
  const ours = results.map(({ step, comparison: { measurements } }) => {
    const [compiled, eager] = [measurements.get(COMPILED_NAME), measurements.get(EAGER_NAME)];
    const speed = compiled === undefined ? undefined : (step.batchSize * 1000) / median(compiled.times);
    return [
      step.name,
      step.title,
      compiled?.engine ?? '–',
      compiled?.traceTimeInMs === undefined ? '–' : inSeconds(compiled.traceTimeInMs),
      speed === undefined ? '–' : Math.round(speed).toLocaleString('en'),
      eager === undefined ? '–' : median(eager.times).toPrecision(3),
    ];
  });
  const failures = results.flatMap(({ step, comparison }) =>
    [...comparison.mismatched, ...comparison.failures].map((line) => `- ${step.name}: ${line}`),
  );
  return [
    '## Ours',
    '',
    markdownTable(['', 'what', 'engine', 'time to trace, s', 'compiled, examples/s', 'eager, ms'], ours),
    ...table('First step, seconds: tracing and compiling, running', names, ({ firstStepInMs }) =>
      inSeconds(firstStepInMs),
    ),
    ...table('Cold start to the end of the first step, seconds', names, ({ coldStartInMs }) =>
      inSeconds(coldStartInMs),
    ),
    ...table('Peak memory, MB', names, ({ peakMemoryInBytes }) => (peakMemoryInBytes / 1e6).toFixed(0)),
    ...(failures.length > 0 ? ['', '## Failures', '', ...failures] : []),
    '',
  ].join('\n');
}

function inSeconds(timeInMs: number): string {
  return (timeInMs / 1000).toFixed(2);
}
