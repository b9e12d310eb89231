import { expect, it } from 'vitest';
import { config } from './config.ts';

it.each([
  [['model.priorFactors=2'], 'model.priorFactors: expected 1 without a mixture prior; set model.priorComponents'],
  [['model.priorFactors=3', 'model.priorComponents=5'], 'model.priorFactors: expected a divisor of model.latentSize'],
  [['model.posterior=point', 'model.priorComponents=5'], 'model.priorComponents: expected 0 for a plain autoencoder'],
  [['model.imageChannels=3', 'model.neighborChannels=4'], 'model.neighborChannels: expected 0 with 3 image channels'],
])('refuses %s', (set, message) => {
  expect(() => config.resolve({ set })).toThrow(message);
});
