import { config, type TransformerConfig } from '../config.ts';

/** Settings of a network small enough to train in a test. */
const TINY = [
  'model.width=16',
  'model.heads=2',
  'model.layers=1',
  'model.feedForwardWidth=32',
  'model.dropout=0.1',
  'model.maxLength=40',
  'data.bucketBoundaries=32',
  'data.maxSymbols=32',
  'data.merges=40',
  'training.batchSize=16',
  'training.learningRate=0.01',
  'training.warmupSteps=5',
];

export const tiny = (...set: readonly string[]): TransformerConfig => config.resolve({ set: [...TINY, ...set] });
