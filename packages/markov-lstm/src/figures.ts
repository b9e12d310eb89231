import { meanAndDeviation } from '@motley/run';
import { type Figure, lineChart, type StudyRun } from '@motley/run/node';
import type { MarkovConfig } from './config.ts';

type Run = StudyRun<MarkovConfig>;

/** Metric of the chain's own predictions in a run of a study. */
export function optimumOf({ summary }: Run, metric: 'accuracy' | 'loss'): number {
  return summary.baselines.optimum![metric]!;
}

/** Mean over seeds of each initialization and baseline against the delay: accuracy, or nats above the optimum. */
export function delayFigure(runs: readonly Run[], metric: 'accuracy' | 'loss'): Figure {
  const isLoss = metric === 'loss';
  const shown = (value: number, run: Run): number => (isLoss ? value - optimumOf(run, metric) : 100 * value);
  const delays = [...new Set(runs.map(({ config }) => config.data.delay))].sort((a, b) => a - b);
  const line = (name: string, own: readonly Run[], valueOf: (run: Run) => number, dashed = false) => ({
    name,
    points: delays.flatMap((delay) => {
      const values = own.filter(({ config }) => config.data.delay === delay).map((run) => shown(valueOf(run), run));
      return values.length === 0 ? [] : [[delay, meanAndDeviation(values).mean] as const];
    }),
    dashed,
  });
  const initializations = [...new Set(runs.map(({ config }) => config.model.initialization))];
  const others = isLoss ? ['linear', 'persistence'] : ['optimum', 'linear', 'persistence'];
  return lineChart({
    title: isLoss ? 'Markov sequences: nats above the optimum' : 'Markov sequences: accuracy',
    subtitle: 'test part; the linear model reads 24 symbols; the optimum knows the generator',
    xName: 'delay (steps)',
    yName: isLoss ? 'cross-entropy above the optimum (nats)' : 'accuracy (%)',
    lines: [
      ...initializations.map((initialization) => {
        const own = runs.filter(({ config }) => config.model.initialization === initialization);
        return line(`LSTM, ${initialization}`, own, ({ summary }) => summary.metrics.test![metric]!);
      }),
      ...others.map((name) => line(name, runs, ({ summary }) => summary.baselines[name]![metric]!, true)),
    ],
  });
}
