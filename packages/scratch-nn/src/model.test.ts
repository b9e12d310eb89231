import { RandomNumbers, UserError, largest } from '@motley/run';
import { describe, expect, it } from 'vitest';
import { NdArray, sizeOf, type Values } from './array.ts';
import { config, type ModelConfig } from './config.ts';
import { ACTIVATIONS } from './layers/activation.ts';
import { Network } from './model.ts';
import { createOptimizer } from './optimizers.ts';
import reference from './reference.json' with { type: 'json' };

const stream = RandomNumbers.fromSeed(0);
const weights = stream.fork('weights');
/** The same random numbers for each pass. */
const noise = () => stream.fork('noise');

/** A model's settings; the rest are defaults. */
function modelOf(layers: unknown[], more: object = {}): ModelConfig {
  const file = { name: 'test', text: JSON.stringify({ model: { layers, ...more } }) };
  return config.resolve({ file }).model;
}

const normal = (shape: readonly number[]) => NdArray.from(stream.normalValues(sizeOf(shape)), shape, 'float64');

/** Compares every parameter's gradient with finite differences of loss + penalty. */
function checkGradients(model: ModelConfig, inputShape: readonly number[]): void {
  const network = new Network(model, inputShape, weights, 'float64');
  const [inputs, targets] = [normal([5, ...inputShape]), NdArray.zeros([5, ...network.outputShape], 'float64')];
  const classes = targets.shape[1]!;
  for (let row = 0; row < 5; row++) targets.values[row * classes + ((row * 7) % classes)] = 1;
  network.differentiate(inputs, targets, noise());
  const gradients = new Map([...network.parameters].map(([name, { gradient }]) => [name, gradient.copy()]));
  const objective = () => {
    const { loss, penalty } = network.differentiate(inputs, targets, noise());
    return loss + penalty;
  };
  for (const [name, { value }] of network.parameters) {
    for (const position of stream.integers(6, 0, value.size)) {
      const [original, step] = [value.values[position]!, 1e-5];
      value.values[position] = original + step;
      const above = objective();
      value.values[position] = original - step;
      const expected = (above - objective()) / (2 * step);
      value.values[position] = original;
      const found = gradients.get(name)!.values[position]!;
      if (!(Math.abs(found - expected) <= 1e-6 * Math.max(1, Math.abs(expected))))
        expect.fail(`${name}[${position}]: expected ${expected}, got ${found}`);
    }
  }
}

describe('gradients in float64 equal finite differences to 1e-6', () => {
  const head = [{ type: 'flatten' }, { type: 'dense', units: 3, activation: 'softmax' }];
  it.each(ACTIVATIONS)('activation %s', (activation) => {
    checkGradients(modelOf([{ type: 'dense', units: 6, activation }, ...head]), [4]);
  });

  it.each([
    ['a convolution', { type: 'convolution', filters: 4, kernelSize: 3, padding: 1, activation: 'tanh' }],
    ['a convolution with strides', { type: 'convolution', filters: 3, kernelSize: 4, stride: 2, padding: 2 }],
    [
      'a convolution whose windows leave out pixels at the edges',
      { type: 'convolution', filters: 2, kernelSize: 3, stride: 3, padding: 0 },
    ],
    ['max pooling', { type: 'maxPooling', size: 2 }],
    ['average pooling', { type: 'averagePooling', size: 3 }],
    ['batch norm', { type: 'batchNorm' }],
    ['dropout', { type: 'dropout', rate: 0.4 }],
  ])('%s', (_, layer) => {
    const before = { type: 'convolution', filters: 2, kernelSize: 3, activation: 'linear' };
    checkGradients(modelOf([before, layer, ...head]), [8, 7, 2]);
  });

  it.each([
    ['mean squared error', { loss: 'meanSquaredError' }, 'sigmoid'],
    ['cross-entropy of a softmax', { loss: 'crossEntropy' }, 'softmax'],
    ['L1', { regularizer: { type: 'l1', strength: 0.01 } }, 'softmax'],
    ['L2', { regularizer: { type: 'l2', strength: 0.1 } }, 'softmax'],
    ['mean squared error of a softmax', { loss: 'meanSquaredError' }, 'softmax'],
  ])('%s', (_, more, activation) => {
    checkGradients(modelOf([{ type: 'dense', units: 4, activation }], more), [6]);
  });
});

describe('the network', () => {
  it('has the shapes and parameter names of its configuration', () => {
    const network = new Network(config.resolve().model, [24, 24, 1], weights);
    const outputs = network.predict(NdArray.zeros([2, 24, 24, 1]));
    expect(outputs.shape).toEqual([2, 4]);
    expect(outputs.values[0]! + outputs.values[1]! + outputs.values[2]! + outputs.values[3]!).toBeCloseTo(1, 6);
    expect([...network.state].map(([name, { shape }]) => [name, shape])).toEqual([
      ['layers.0.weight', [5, 5, 1, 8]],
      ['layers.0.bias', [8]],
      ['layers.2.weight', [3, 3, 8, 16]],
      ['layers.2.bias', [16]],
      ['layers.5.weight', [576, 32]],
      ['layers.5.bias', [32]],
      ['layers.6.weight', [32, 4]],
      ['layers.6.bias', [4]],
    ]);
  });

  it('applies dropout only in training, and keeps the mean', () => {
    const network = new Network(
      modelOf([{ type: 'dropout', rate: 0.3 }], { loss: 'meanSquaredError' }),
      [10_000],
      weights,
    );
    const inputs = NdArray.from(new Array<number>(10_000).fill(1), [1, 10_000]);
    const { outputs } = network.differentiate(inputs, inputs, noise());
    const dropped = [...outputs.values].filter((value) => value === 0).length;
    expect(dropped).toBeGreaterThan(2800);
    expect(dropped).toBeLessThan(3200);
    expect([...outputs.values].reduce((sum, value) => sum + value, 0) / 10_000).toBeCloseTo(1, 1);
    expect(network.predict(inputs).values).toEqual(inputs.values);
  });

  it('normalizes by the batch in training, by running statistics in inference', () => {
    const network = new Network(
      modelOf([{ type: 'batchNorm' }], { loss: 'meanSquaredError' }),
      [2],
      weights,
      'float64',
    );
    const inputs = NdArray.from([1, 10, 3, 30, 5, 50], [3, 2], 'float64');
    const { outputs } = network.differentiate(inputs, inputs, noise());
    const edge = 2 / Math.sqrt(8 / 3 + 1e-5);
    [-edge, 0, edge].forEach((value, row) => {
      expect(outputs.values[2 * row]).toBeCloseTo(value, 10);
    });
    expect([...network.state.get('layers.0.running_mean')!.values]).toEqual(
      [0.3 /* 0.1 · 3 */, 3].map((each) => expect.closeTo(each, 10) as number),
    );
    expect(network.state.get('layers.0.running_var')!.values[0]).toBeCloseTo(0.9 + 0.1 * 4, 10);
    expect(network.predict(inputs).values[0]).toBeCloseTo((1 - 0.3) / Math.sqrt(1.3 + 1e-5), 10);
  });

  it('gives a layer its own learning rate, regularizer and initial range', () => {
    const layers = [
      { type: 'dense', units: 5, learningRate: 0.5, initial: [-0.01, 0.01], regularizer: { type: 'none' } },
      { type: 'dense', units: 2 },
    ];
    const network = new Network(modelOf(layers, { loss: 'meanSquaredError' }), [3], weights);
    expect(network.parameters.get('layers.0.bias')!.learningRate).toBe(0.5);
    expect(network.parameters.get('layers.1.bias')!.learningRate).toBeUndefined();
    expect(largest(network.parameters.get('layers.0.weight')!.value.values.map(Math.abs))).toBeLessThanOrEqual(0.01);
  });

  it.each([
    [
      [{ type: 'dense', units: 2 }],
      'layer 0 (dense) expected an input vector (put a "flatten" before it), got [4, 4, 1]',
    ],
    [
      [{ type: 'flatten' }, { type: 'maxPooling' }],
      'layer 1 (maxPooling) expected input pictures [H, W, C] (put it before a "flatten"), got [16]',
    ],
    [
      [{ type: 'convolution', filters: 1, kernelSize: 5, padding: 0 }],
      'layer 0 (convolution) expected input pictures at least as large as its window, got [4, 4, 1]',
    ],
  ])('refuses %j', (layers, message) => {
    const model = modelOf(layers, { loss: 'meanSquaredError' });
    expect(() => new Network(model, [4, 4, 1], weights)).toThrow(new UserError(`model.layers: ${message}`));
  });

  it('refuses a cross-entropy of outputs that are not probabilities', () => {
    expect(() => new Network(modelOf([{ type: 'dense', units: 4, activation: 'relu' }]), [3], weights)).toThrow(
      new UserError('model.loss: crossEntropy expected a last layer with activation softmax, got dense with relu'),
    );
  });
});

describe('the same network in PyTorch (reference.py)', () => {
  const layers = [
    { type: 'convolution', filters: 3, stride: 2, activation: 'tanh' },
    { type: 'batchNorm' },
    { type: 'maxPooling' },
    { type: 'flatten' },
    { type: 'dense', units: 4, activation: 'softmax' },
  ];

  it('has the same losses, gradients, Adam steps and outputs to 1e-9', () => {
    const model = modelOf(layers, { regularizer: { type: 'l2', strength: reference.strength } });
    const network = new Network(model, [9, 9, 1], weights, 'float64');
    const close = (found: Values, expected: readonly number[], name: string) => {
      expect(found, name).toHaveLength(expected.length);
      for (const [index, value] of expected.entries())
        expect(Math.abs(found[index]! - value), name).toBeLessThan(1e-9 * Math.max(1, Math.abs(value)));
    };
    for (const [name, values] of Object.entries(reference.initial)) network.state.get(name)!.values.set(values);
    const images = NdArray.from(reference.images, [5, 9, 9, 1], 'float64');
    const targets = NdArray.zeros([5, 4], 'float64');
    for (const [row, label] of reference.labels.entries()) targets.values[4 * row + label] = 1;
    const optimizer = createOptimizer('adam', network.parameters);
    for (const [step, [loss, penalty]] of reference.losses.entries()) {
      const found = network.differentiate(images, targets, noise());
      expect([found.loss, found.penalty]).toEqual([expect.closeTo(loss!, 9), expect.closeTo(penalty!, 9)]);
      if (step === 0)
        for (const [name, values] of Object.entries(reference.gradients))
          close(network.parameters.get(name)!.gradient.values, values, name);
      optimizer.update(step + 1, () => reference.learningRate);
    }
    for (const [name, values] of Object.entries(reference.trained))
      close(network.state.get(name)!.values, values, name);
    close(network.predict(images).values, reference.outputs, 'outputs');
  });
});

describe('layerOutputs', () => {
  it('has the output of each layer after its activation, and logits at the end', () => {
    const model = modelOf([
      { type: 'convolution', filters: 3, activation: 'relu' },
      { type: 'flatten' },
      { type: 'dense', units: 4, activation: 'softmax' },
    ]);
    const network = new Network(model, [6, 6, 1], weights, 'float64');
    const inputs = normal([1, 6, 6, 1]);
    const outputs = network.layerOutputs(inputs);
    expect(outputs.map(({ shape }) => shape)).toEqual([
      [1, 6, 6, 3],
      [1, 108],
      [1, 4],
    ]);
    expect(outputs[0]!.contiguous().every((value) => value >= 0)).toBe(true);
    const shares = Array.from(outputs[2]!.contiguous(), Math.exp);
    const sum = shares.reduce((total, share) => total + share, 0);
    const predicted = network.predict(inputs).contiguous();
    for (const [index, share] of shares.entries()) expect(predicted[index]).toBeCloseTo(share / sum, 12);
  });
});
