import { RandomStream } from '@motley/core';
import type { DemoCell } from '@motley/core/demo';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { config } from './config.ts';
import { loadData } from './data.ts';
import demo from './demo.ts';
import { predict } from './predict.ts';
import { TablePredictor } from './predictor.ts';
import { parseTable } from './table/columns.ts';
import { TableEncoder } from './table/encoder.ts';
import { rowFromTexts } from './table/rows-from-texts.ts';

const settings = config.resolve({ set: ['model.members=2', 'model.hiddenSizes=[8]', 'model.frequencies=4'] });
const context = { signal: new AbortController().signal, emit: () => Promise.resolve() };

beforeAll(() => chooseBackend('cpu'));

it('the demo has the probability of predict, and the columns that moved it', async () => {
  const { table, target } = await loadData(settings);
  const description = {
    columns: table.columns.map((column) => ({
      name: column.name,
      kind: column.kind,
      ...('levels' in column && { levels: column.levels }),
    })),
    encoder: TableEncoder.fit(table, { ...settings.features, ordinalsAsNumbers: true }),
    target: { name: target.name, task: target.task, classes: target.classes, offset: 0, scale: 1 },
  };
  const trained = new TablePredictor(settings.model, description, RandomStream.fromSeed(1)).eval();
  for (const variable of trained.network.namedParameters().values())
    variable.assign(tf.tidy(() => tf.add(variable, tf.randomNormal(variable.shape, 0, 0.2, 'float32', 3))));
  const weights = trained.stateDict();
  const loaded = await demo.load({ weights, config: settings, files: {} });
  if (typeof demo.inputs !== 'function') throw new Error('expected controls that depend on the model');
  const { columns } = (await demo.inputs(loaded, settings)).row;
  const usual = Object.fromEntries(columns.map(({ name, default: value }) => [name, value]));
  const row: Record<string, DemoCell> = { ...usual, Age: 24, OverTime: 'Yes', MonthlyIncome: null };

  const before = tf.memory().numTensors;
  const shown = await demo.run(loaded, { row }, context);
  expect(tf.memory().numTensors).toBe(before);
  const texts = Object.entries(row).map(([name, value]) => `${name}=${value ?? ''}`);
  const [probability] = await predict(trained, parseTable(rowFromTexts(texts, trained.columns), trained.columns));
  const positive = shown.prediction!.find(({ label }) => label === `${target.name}: ${target.classes[1]}`);
  expect(positive!.score).toBeCloseTo(probability!, 6);
  expect(shown.moved!.map(({ word }) => word)).toEqual(expect.arrayContaining(['Age = 24', 'MonthlyIncome = missing']));
  expect((await demo.run(loaded, { row: usual }, context)).moved).toEqual([]);
  demo.dispose!(loaded);
  tf.dispose(weights);
  trained.dispose();
});
