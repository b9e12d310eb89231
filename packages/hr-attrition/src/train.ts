import { ArrayBatches, type ArrayField, fit, orDispose, RandomStream, type TensorRunContext } from '@motley/core';
import type { Metrics, TrainingResult } from '@motley/run';
import type { HrAttritionConfig } from './config.ts';
import type { LabeledTable } from './data.ts';
import { tableLoss } from './loss.ts';
import { metricsOf } from './metrics.ts';
import { predict } from './predict.ts';
import { TablePredictor, type Description, type TargetScale } from './predictor.ts';
import { TableEncoder } from './table/encoder.ts';
import type { Target } from './table/table.ts';

/** Predictor with untrained weights, whose scales and categories are those of the given rows. */
function createPredictor(
  { model, features, training }: Pick<HrAttritionConfig, 'model' | 'features' | 'training'>,
  { table, target }: LabeledTable,
): TablePredictor {
  const { logarithms, scaling, ordinals } = features;
  const description: Description = {
    columns: table.columns.map(({ name, kind, ...rest }) => ({
      name,
      kind,
      ...('levels' in rest && { levels: rest.levels }),
    })),
    encoder: TableEncoder.fit(table, { logarithms, scaling, ordinalsAsNumbers: ordinals === 'numbers' }),
    target: scaleOf(target),
  };
  return new TablePredictor(model, description, RandomStream.fromSeed(training.seed).fork('weights'));
}

function scaleOf({ name, task, classes, values }: Target): TargetScale {
  if (task !== 'number') return { name, task, classes, offset: 0, scale: 1 };
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return { name, task, classes, offset: mean, scale: deviation > 0 ? deviation : 1 };
}

/** Batches of encoded rows: `numbers` [B, D], `indicators` [B, C], `targets` [B], scaled; without fields of width 0. */
function batchesOf(
  { encoder, target: scale }: TablePredictor,
  rows: LabeledTable,
  batchSize: number,
  random: RandomStream,
) {
  const { numbers, indicators } = encoder.encode(rows.table);
  const targets = Float32Array.from(rows.target.values, (value) => (value - scale.offset) / scale.scale);
  const fields: Record<string, ArrayField> = { targets: { values: targets, shape: [] } };
  if (encoder.numberCount > 0) fields.numbers = { values: numbers, shape: [encoder.numberCount] };
  if (encoder.indicatorCount > 0) fields.indicators = { values: indicators, shape: [encoder.indicatorCount] };
  return new ArrayBatches(fields, {
    batchSize: Math.min(batchSize, targets.length),
    dropLast: true,
    random,
  });
}

/**
 * Trains a predictor on rows, for as long as the configuration says: no rows are held back to stop early. The caller
 * disposes of the predictor.
 * @param test rows for the final metrics; they choose nothing
 * @param fittedOn rows for scales and categories: the training rows, unless leaks are wanted
 * @throws what `fit` throws; the predictor is then freed
 */
export async function train(
  config: HrAttritionConfig,
  rows: LabeledTable,
  test: LabeledTable,
  { fittedOn = rows, ...context }: TensorRunContext & { readonly fittedOn?: LabeledTable } = {},
): Promise<{ readonly model: TablePredictor; readonly result: TrainingResult }> {
  const { training, loss } = config;
  const model = createPredictor(config, fittedOn);
  return orDispose(model, async () => {
    const { network, target } = model;
    const result = await fit({
      ...context,
      ...training,
      model,
      trainingBatches: batchesOf(model, rows, training.batchSize, RandomStream.fromSeed(training.seed).fork('order')),
      loss: ({ targets, ...inputs }, { random }) =>
        tableLoss(network.forward(inputs, random), targets!, network.squaredWeights(), { ...loss, task: target.task }),
      test: () => measure(model, test),
    });
    return { model, result };
  });
}

/** Metrics of a predictor on rows that it was not trained on. */
async function measure(model: TablePredictor, { table, target }: LabeledTable): Promise<Metrics> {
  return metricsOf(await predict(model, table), target);
}
