import { buffer, Module, RandomStream, restored, type StateDict } from '@motley/core';
import { parseJson, UserError } from '@motley/run';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { HrAttritionConfig } from './config.ts';
import { TableNetwork } from './model.ts';
import { TableEncoder } from './table/encoder.ts';
import { outputsOf, type ColumnSchema, type Task } from './table/table.ts';

/** Column that a predictor gives, with the scale of a number. */
export interface TargetScale {
  readonly name: string;
  readonly task: Task;
  readonly classes: readonly string[];
  /** A number is (output · scale + offset). */
  readonly offset: number;
  readonly scale: number;
}

/** Description of a predictor besides its weights. */
export interface Description {
  readonly columns: readonly ColumnSchema[];
  readonly encoder: TableEncoder;
  readonly target: TargetScale;
}

const descriptionSchema = z.strictObject({
  columns: z.array(
    z.strictObject({
      name: z.string(),
      kind: z.enum(['number', 'category']),
      levels: z.array(z.string()).optional(),
    }),
  ),
  encoder: z.unknown(),
  target: z.strictObject({
    name: z.string(),
    task: z.enum(['binary', 'multi-class', 'number']),
    classes: z.array(z.string()),
    offset: z.number(),
    scale: z.number().positive(),
  }),
});

/** Network with all that turns rows into its inputs: a checkpoint of it predicts rows of any table with its columns. */
export class TablePredictor extends Module {
  readonly network: TableNetwork;
  /** Description as UTF-8 bytes of JSON, so that checkpoints hold it. */
  readonly description: tf.Variable;
  readonly columns: readonly ColumnSchema[];
  readonly encoder: TableEncoder;
  readonly target: TargetScale;

  /** @param random draws the initial weights */
  constructor(config: HrAttritionConfig['model'], description: Description, random: RandomStream) {
    super();
    const { columns, encoder, target } = description;
    this.columns = columns;
    this.encoder = encoder;
    this.target = target;
    const shape = { numbers: encoder.numberCount, indicators: encoder.indicatorCount, outputs: outputsOf(target) };
    this.network = new TableNetwork(config, shape, random);
    const bytes = new TextEncoder().encode(JSON.stringify(description));
    this.description = buffer(tf.tensor1d(Int32Array.from(bytes), 'int32'));
  }
}

/**
 * Description in a checkpoint.
 * @throws UserError where there is none, or another system's
 */
export async function readDescription(weights: StateDict): Promise<Description> {
  const { description } = weights;
  if (description?.rank !== 1 || description.dtype !== 'int32')
    throw new UserError('checkpoint: expected the description of a table, found none');
  const bytes = Uint8Array.from(await description.data<'int32'>());
  const found = descriptionSchema.safeParse(
    parseJson(new TextDecoder().decode(bytes), 'checkpoint', 'the description of a table'),
  );
  if (!found.success) throw new UserError('checkpoint: expected the description of a table, found other data');
  return { ...found.data, encoder: TableEncoder.fromJSON(found.data.encoder) };
}

/** Predictor of a checkpoint, in evaluation mode. The caller disposes of it. */
export async function restorePredictor(config: HrAttritionConfig, weights: StateDict): Promise<TablePredictor> {
  const description = await readDescription(weights);
  return restored(new TablePredictor(config.model, description, RandomStream.fromSeed(0)), weights);
}
