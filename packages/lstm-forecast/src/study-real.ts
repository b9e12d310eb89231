import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { barChart, writeFileAtomically, type Study, type StudyRun } from '@motley/run/node';
import type { ForecastConfig } from './config.ts';
import { SETTINGS_FILE, type ForecastSettings } from './settings.ts';

/** Tables that python/real_series.py writes. */
const SERIES = [
  'sunspots-yearly',
  'nile',
  'lynx',
  'lake-huron',
  'discoveries',
  'boston-marathon',
  'tree-rings',
  'us-real-gdp',
  'us-unemployment-rate',
  'johnson-and-johnson',
  'uk-gas',
  'australian-beer',
  'australian-cement',
  'air-passengers',
  'us-accidental-deaths',
  'nottingham-temperature',
  'uk-lung-deaths',
  'uk-driver-deaths',
  'sunspots-monthly',
  'antidiabetic-drugs',
  'australian-cafes',
  'electrical-equipment',
  'us-electricity',
  'australian-wine',
  'us-unemployed',
  'us-drink-sales',
  'brent-oil',
  'global-temperature',
  'us-employment',
  'microsoft-stock',
  'el-nino',
  'carbon-dioxide-monthly',
  'carbon-dioxide-weekly',
  'us-gasoline',
  'seattle-temperature',
  'seattle-wind',
  'us-births',
  'melbourne-temperature',
  'chicago-trains',
  'puerto-rico-deaths',
  'victoria-demand-daily',
  'apple-stock',
  'sp500',
  'pound-exchange-rate',
  'dax',
  'sales',
  'internet-users',
  'seattle-temperature-hourly',
  'san-francisco-temperature-hourly',
  'new-york-temperature-hourly',
  'england-demand-half-hourly',
] as const;

/** Baselines that a forecast is compared with; `linear` is part of the network. */
const BASELINES = ['persistence', 'seasonalNaive', 'ridge', 'ridgeRecursive', 'nlinear'] as const;

type Run = StudyRun<ForecastConfig>;

const rmseOf = ({ summary }: Run): number => summary.metrics.test?.rmse ?? NaN;
const linearOf = ({ summary }: Run): number => summary.baselines.linear?.rmse ?? NaN;
const bestOf = ({ summary }: Run): number =>
  BASELINES.reduce((least, name) => Math.min(least, summary.baselines[name]?.rmse ?? Infinity), Infinity);

/** Every series by the default settings for a table, against the best baseline on its own test part. */
export const real: Study<ForecastConfig> = {
  description: 'real series by the default settings for a table; --data is the folder that python/real_series.py wrote',
  variants: Object.fromEntries(
    SERIES.map((name) => [
      name,
      { description: name, preset: 'csv', config: { data: { file: `${name}.csv`, gaps: 'interpolate' } } },
    ]),
  ),
  columns: [
    { heading: 'RMSE', metric: 'test.rmse' },
    { heading: 'over the best baseline', value: (run) => rmseOf(run) / bestOf(run), digits: 3 },
    { heading: 'linear methods alone', value: (run) => linearOf(run) / bestOf(run), digits: 3 },
    { heading: 'best baseline', value: bestOf },
    { heading: 'within 90 %', metric: 'test.coverage90', scale: 100, digits: 0 },
  ],
  baselineRows: false,
  async finish({ runs, folder, writeFigure, print }) {
    const ratios = [...byVariant(runs)].map(([name, own]) => ({
      name,
      ratio: geometricMean(own.map((run) => rmseOf(run) / bestOf(run))),
      linear: geometricMean(own.map((run) => linearOf(run) / bestOf(run))),
    }));
    const worst = ratios.reduce((most, each) => (each.ratio > most.ratio ? each : most));
    print(
      `${ratios.length} series: RMSE over that of the best baseline, geometric mean ${geometricMean(ratios.map(({ ratio }) => ratio)).toFixed(3)} (linear methods alone ${geometricMean(ratios.map(({ linear }) => linear)).toFixed(3)}), worst ${worst.ratio.toFixed(3)} (${worst.name}), ${ratios.filter(({ ratio }) => ratio > 1.05).length} above 1.05`,
    );
    await writeFileAtomically(join(folder, 'protocol.csv'), await protocolOf(runs));
    const ordered = ratios.sort((left, right) => left.ratio - right.ratio);
    await writeFigure(
      'ratios',
      barChart({
        title: 'Error of the default forecast over that of the best baseline',
        xName: 'series',
        yName: 'RMSE over the best',
        width: 1600,
        categories: ordered.map(({ name }) => name),
        series: [{ name: 'forecast', values: ordered.map(({ ratio }) => ratio) }],
      }),
    );
  },
};

function byVariant(runs: readonly Run[]): Map<string, Run[]> {
  const groups = new Map<string, Run[]>();
  for (const run of runs) groups.set(run.variant, [...(groups.get(run.variant) ?? []), run]);
  return groups;
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/** Horizon and stride of each series, which python/statistical_models.py reads. */
async function protocolOf(runs: readonly Run[]): Promise<string> {
  const rows = new Map<string, string>();
  for (const { variant, path } of runs) {
    const { model, evaluation } = JSON.parse(await readFile(join(path, SETTINGS_FILE), 'utf8')) as ForecastSettings;
    rows.set(variant, `${variant},${model.horizon},${evaluation.startStride}`);
  }
  return `${['name,horizon,stride', ...rows.values()].join('\n')}\n`;
}
