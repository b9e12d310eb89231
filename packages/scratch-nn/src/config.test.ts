import { UserError } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { config } from './config.ts';
import { createNetwork } from './train.ts';

const layers = (...list: object[]) => JSON.stringify({ model: { layers: list } });

describe('a network in a file', () => {
  it('has the settings of the file, and defaults for the rest', () => {
    const text = JSON.stringify({
      model: {
        layers: [
          { type: 'convolution', filters: 3, stride: 2, learningRate: 0.01, regularizer: { type: 'l1' } },
          { type: 'flatten' },
          { type: 'dense', units: 4, activation: 'softmax', initial: [-0.1, 0.1] },
        ],
        regularizer: { strength: 0 },
      },
    });
    const { model } = config.resolve({ file: { name: 'network.json', text } });
    expect(model.layers[0]).toMatchObject({ kernelSize: 3, padding: 1, activation: 'linear', initial: 'he' });
    expect(model.layers[0]).toMatchObject({ learningRate: 0.01, regularizer: { type: 'l1', strength: 1e-4 } });
    expect(model).toMatchObject({ loss: 'crossEntropy', regularizer: { type: 'l2', strength: 0 } });
  });

  it.each([
    ['not JSON', '{', 'expected JSON'],
    [
      'an unknown layer',
      layers({ type: 'conv' }),
      'layer 0: expected type to be one of dense, convolution, maxPooling',
    ],
    ['a bad size', layers({ type: 'flatten' }, { type: 'dense', units: 0 }), 'layer 1: units: '],
    ['an unknown key of a layer', layers({ type: 'dense', units: 4, unit: 3 }), 'layer 0: Unrecognized key: "unit"'],
    [
      'layers that do not fit',
      layers({ type: 'dense', units: 4 }),
      'model.layers: layer 0 (dense) expected an input vector',
    ],
    [
      'a window larger than the picture',
      layers({ type: 'convolution', filters: 2, kernelSize: 90 }),
      'expected input pictures at least as large as its window',
    ],
    [
      'too few outputs',
      layers({ type: 'flatten' }, { type: 'dense', units: 3, activation: 'softmax' }),
      'expected the last layer to give 4 values, one for each class, got [3]',
    ],
    [
      'outputs that are not probabilities',
      layers({ type: 'flatten' }, { type: 'dense', units: 4 }),
      'model.loss: crossEntropy expected a last layer with activation softmax',
    ],
    ['an empty range', layers({ type: 'dense', units: 4, initial: [1, 0] }), 'layer 0: initial: '],
    [
      'a picture too large',
      JSON.stringify({ data: { size: 51 } }),
      'data.size expected an integer of at least 10 and of at most 50, got 51',
    ],
    ['an unknown key', JSON.stringify({ data: { sise: 20 } }), 'unknown key "data.sise"; did you mean "data.size"'],
  ])('is refused in one line: %s', (_, text, line) => {
    const make = () => createNetwork(config.resolve({ file: { name: 'network.json', text } }));
    expect(make).toThrow(UserError);
    expect(make).toThrow(line);
    expect(make).not.toThrow('\n');
  });
});

it.each(['convolutional', 'dense'] as const)('builds a network for the preset %s, full and fast', (preset) => {
  expect(createNetwork(config.resolve({ preset })).outputShape).toEqual([4]);
  expect(createNetwork(config.resolve({ preset, fast: true })).outputShape).toEqual([4]);
});
