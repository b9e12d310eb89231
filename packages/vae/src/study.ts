import { meanAndDeviation } from '@motley/run';
import { barChart, type Figure, type Study, type StudyRun, type StudyVariant } from '@motley/run/node';
import type { VaeConfig } from './config.ts';

type Run = StudyRun<VaeConfig>;

/** Gray levels: cross-entropies, which are no likelihoods, and scores of the verification network. */
export const gray: Study<VaeConfig> = {
  description: 'models of gray levels: cross-entropies and scores of the verification network',
  variants: {
    dense: { description: 'dense VAE', config: { evaluation: { verified: true } }, timeInMinutes: 2 },
    convolutional: {
      description: 'convolutional VAE',
      preset: 'convolutional',
      config: { evaluation: { verified: true } },
      timeInMinutes: 5,
    },
    autoencoder: {
      description: 'plain autoencoder',
      preset: 'autoencoder',
      config: { evaluation: { verified: true } },
      timeInMinutes: 2,
    },
    beta: { description: 'β-VAE, β = 3', preset: 'beta', config: { evaluation: { verified: true } }, timeInMinutes: 2 },
    center: {
      description: 'dense VAE with the center term',
      config: { objective: { centerWeight: 0.1 }, evaluation: { verified: true } },
      timeInMinutes: 2,
    },
    mixture: {
      description: 'convolutional VAE with a mixture prior',
      preset: 'mixture',
      config: { evaluation: { verified: true } },
      timeInMinutes: 5,
    },
    stacked: {
      description: 'convolutional VAE, three digits at once',
      preset: 'stacked',
      config: { evaluation: { verified: true } },
      timeInMinutes: 7,
    },
    'stacked-mixture': {
      description: 'three digits at once, three mixture priors, 40 epochs',
      preset: 'stacked-mixture',
      config: { evaluation: { verified: true } },
      timeInMinutes: 20,
    },
  },
  columns: [
    { heading: 'loss, nats', metric: 'test.loss', digits: 2 },
    { heading: 'reconstruction', metric: 'test.reconstruction', digits: 2 },
    { heading: 'kl', metric: 'test.kl', digits: 2 },
    { heading: 'predictability', metric: 'test.predictability', digits: 3 },
    { heading: 'accuracy', metric: 'test.accuracy', digits: 3 },
    { heading: 'generated: quality', metric: 'generated.quality', digits: 3 },
    { heading: 'stacked: quality', metric: 'generated.stackedQuality', digits: 3 },
    { heading: 'stacked: coverage', metric: 'generated.stackedCoverage', digits: 3 },
    { heading: 'of its ceiling', metric: 'generated.stackedCoverageOfCeiling', digits: 3 },
  ],
};

/** Binary pixels: likelihoods, which are not comparable with cross-entropies of gray levels. */
export const likelihood: Study<VaeConfig> = {
  description: 'models of binarized pixels: negative log-likelihoods by importance sampling',
  variants: {
    dense: { description: 'dense VAE', preset: 'dense-binarized', timeInMinutes: 14 },
    iwae: { description: 'importance-weighted, convolutional', preset: 'iwae', timeInMinutes: 50 },
    neighbors: { description: 'pixels that see their neighbors', preset: 'neighbors', timeInMinutes: 47 },
  },
  columns: [
    { heading: 'test NLL, nats', metric: 'test.negativeLogLikelihood', digits: 2 },
    { heading: 'bound in training', metric: 'test.loss', digits: 2 },
    { heading: 'reconstruction', metric: 'test.reconstruction', digits: 2 },
    { heading: 'kl', metric: 'test.kl', digits: 2 },
  ],
};

const KINDS = { autoencoder: 'point', vae: 'normal' } as const;
const DIGITS = Array.from({ length: 10 }, (_, digit) => digit);

/** Anomaly detection, with one digit held out of each training. */
export const anomalies: Study<VaeConfig> = {
  description: 'anomaly detection: ranks test images of a digit that was held out of training',
  variants: Object.fromEntries(
    Object.entries(KINDS).flatMap(([kind, posterior]) =>
      DIGITS.map((digit): [string, StudyVariant<VaeConfig>] => [
        `${kind}-without-${digit}`,
        {
          description: `${kind === 'vae' ? 'VAE' : 'autoencoder'} without ${digit}`,
          // Few latents and epochs: a model that reconstructs everything detects no anomalies.
          config: { model: { posterior, latentSize: 10 }, data: { heldOutDigit: digit }, training: { epochs: 5 } },
          timeInMinutes: 1,
        },
      ]),
    ),
  ),
  columns: [
    { heading: 'AUC by reconstruction', metric: 'anomalies.reconstruction', digits: 3 },
    { heading: 'by adjusted reconstruction', metric: 'anomalies.adjustedReconstruction', digits: 3 },
    { heading: 'by likelihood', metric: 'anomalies.likelihood', digits: 3 },
    { heading: 'by adjusted likelihood', metric: 'anomalies.adjustedLikelihood', digits: 3 },
    { heading: 'by novelty', metric: 'anomalies.novelty', digits: 3 },
    { heading: 'by adjusted novelty', metric: 'anomalies.adjustedNovelty', digits: 3 },
    { heading: 'by distance, without a model', metric: 'anomalies.nearest', digits: 3 },
    { heading: 'by adjusted distance', metric: 'anomalies.adjustedNearest', digits: 3 },
  ],
  baselineRows: false,
  async finish({ runs, writeFigure, print }) {
    for (const [kind, posterior] of Object.entries(KINDS)) {
      const own = runs.filter(({ config }) => config.model.posterior === posterior);
      if (own.length === 0) continue;
      await writeFigure(`area-by-digit-${kind}`, areaByDigit(own, kind));
      for (const [name, values] of areasByScore(own)) print(`${kind} by ${name}: mean of ${meanOfDigits(values)}`);
    }
  },
};

/** Areas of the seeds by score and held-out digit. */
function areasByScore(runs: readonly Run[]): Map<string, Map<number, number[]>> {
  const scores = new Map<string, Map<number, number[]>>();
  for (const { config, summary } of runs)
    for (const [name, area] of Object.entries(summary.metrics.anomalies ?? {})) {
      const digits = scores.get(name) ?? new Map<number, number[]>();
      const digit = config.data.heldOutDigit!;
      digits.set(digit, [...(digits.get(digit) ?? []), area ?? NaN]);
      scores.set(name, digits);
    }
  return scores;
}

function meanOfDigits(digits: ReadonlyMap<number, readonly number[]>): string {
  const means = [...digits.values()].map((areas) => meanAndDeviation(areas).mean);
  return `${digits.size} ${digits.size === 1 ? 'digit' : 'digits'} ${meanAndDeviation(means).mean.toFixed(3)}`;
}

function areaByDigit(runs: readonly Run[], kind: string): Figure {
  const scores = areasByScore(runs);
  const digits = DIGITS.filter((digit) => runs.some(({ config }) => config.data.heldOutDigit === digit));
  return barChart({
    title: `Detection of held-out digits by the ${kind === 'vae' ? 'VAE' : 'autoencoder'}`,
    xName: 'digit held out',
    yName: 'area under the curve',
    categories: digits.map(String),
    series: [...scores].map(([name, areas]) => ({
      name,
      values: digits.map((digit) => meanAndDeviation(areas.get(digit) ?? [NaN]).mean),
    })),
  });
}
