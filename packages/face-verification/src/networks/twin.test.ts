import { RandomStream, softmaxCrossEntropy, type StateDict, valueAndGradients, zeros } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { largest, UserError } from '@motley/run';
import { hashNoise, nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Backbone } from './backbone.ts';
import { ConvNext, convNextCost, convNextShapes } from './convnext.ts';
import { authorsNames } from './names.ts';
import twins from './reference.json' with { type: 'json' };
import { ResNet, resNetCost } from './resnet.ts';
import { loadBackbone } from './weights.ts';

const { hasNative } = await nativeGate(() => chooseBackend('tensorflow'));
/** As a share of the largest logit, and of the norm of all gradients. */
const TOLERANCE = 1e-5;
const TIMEOUT_IN_MS = 300_000;
const SIZE = 64;
const start = { random: RandomStream.fromSeed(0), initializer: zeros } as const;
const smallResNet = { depths: [1, 1, 2, 1], widths: [64, 128, 256, 512] };

function weight(name: string, seed: number, shape: number[]): tf.Tensor {
  if (shape.length === 0) return tf.scalar(0, 'int32');
  const [offset, scale] = rangeOf(name, shape);
  return tf.tensor(
    hashNoise(seed, shape).map((value) => offset + Math.fround(scale) * value),
    shape,
  );
}

function rangeOf(name: string, shape: readonly number[]): readonly [offset: number, scale: number] {
  if (name.endsWith('running_var')) return [1, 0.5];
  if (name.endsWith('layer_scale')) return [0, 0.5];
  if (shape.length > 1) return [0, Math.sqrt(6 / tf.util.sizeFromShape(shape.slice(1)))];
  return name.endsWith('weight') ? [1, 0.2] : [0, 0.1];
}

/** Values that `reference.py` writes of a network, by torchvision's names. */
interface Twin {
  readonly shapes: Readonly<Record<string, number[]>>;
  readonly evaluated: Measured;
  readonly trained: Measured;
}

interface Measured {
  readonly logits: readonly number[];
  /** Norm of each parameter's gradient, and the gradient's product with noise. */
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

const stateOf = ({ shapes }: Twin): StateDict =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape], seed) => [name, weight(name, seed, shape)]));

/** Logits, and gradients under the network's own names and in PyTorch's layout. */
function measure(model: Backbone) {
  const pictures = tf.tensor(hashNoise(1000, [4, SIZE, SIZE, 3]), [4, SIZE, SIZE, 3]);
  const labels = tf.tensor1d([0, 2, 1, 2], 'int32');
  const random = RandomStream.fromSeed(0);
  const logits: number[] = [];
  const { gradients } = valueAndGradients(() => {
    const found = model.forward(pictures, random);
    for (const logit of found.dataSync()) logits.push(logit);
    return { loss: softmaxCrossEntropy(found, labels) };
  }, model.namedParameters());
  for (const [name, parameter] of model.namedParameters()) parameter.assign(gradients[name]!);
  return { logits, gradients: model.stateDict() };
}

const cases = [
  ['convnext-tiny', () => new ConvNext(convNextShapes.tiny, { outputs: 3, ...start })],
  ['resnet', () => new ResNet(smallResNet, { outputs: 3, stemStride: 2, ...start })],
] as const;

describe.each(cases)('%s', (name, create) => {
  const twin: Twin = twins[name];
  beforeAll(() => chooseBackend(hasNative ? 'tensorflow' : 'wasm'));

  it.each(['evaluated', 'trained'] as const)(
    'has the logits and gradients of its twin in torchvision, %s',
    (mode) => {
      tf.tidy(() => {
        const model = create();
        loadBackbone(model, stateOf(twin), 'the twin');
        const found = measure(model.train(mode === 'trained'));
        const { logits, gradients } = twin[mode];
        const most = largest(logits.map(Math.abs));
        expect(found.logits).toHaveLength(logits.length);
        for (const [place, logit] of logits.entries())
          expect(Math.abs(found.logits[place]! - logit) / most).toBeLessThan(TOLERANCE);
        const names = name === 'resnet' ? undefined : authorsNames(Object.keys(twin.shapes), 'the twin');
        const whole = Math.sqrt(Object.values(gradients).reduce((sum, [norm]) => sum + norm! ** 2, 0));
        for (const [given, [norm, projection]] of Object.entries(gradients)) {
          const gradient = tf.reshape(found.gradients[names?.get(given) ?? given]!, twin.shapes[given]!);
          const product = tf.mul(gradient, tf.tensor(hashNoise(2000, gradient.shape), gradient.shape));
          expect(Math.abs(tf.norm(gradient).dataSync()[0]! - norm!) / whole).toBeLessThan(TOLERANCE);
          expect(Math.abs(tf.sum(product).dataSync()[0]! - projection!) / whole).toBeLessThan(TOLERANCE);
        }
      });
    },
    TIMEOUT_IN_MS,
  );
});

describe('names', () => {
  beforeAll(() => chooseBackend('cpu'));

  it("turns timm's and torchvision's names into the authors', which stay as they are", () => {
    tf.tidy(() => {
      const own = Object.keys(new ConvNext(convNextShapes.tiny, { outputs: 3, ...start }).stateDict());
      expect(own.toSorted()).toEqual(Object.keys(twins.timm).sort());
      expect(authorsNames(own, 'here')).toEqual(new Map(own.map((name) => [name, name])));
      expect(authorsNames(Object.values(twins.timm), 'here')).toEqual(
        new Map(Object.entries(twins.timm).map(([ours, timm]) => [timm, ours])),
      );
      const torchvision = authorsNames(Object.keys(twins['convnext-tiny'].shapes), 'here');
      expect([...torchvision.values()].sort()).toEqual(own.toSorted());
    });
  });

  it('refuses the weights of other networks in one line, and keeps a last layer of another size', () => {
    tf.tidy(() => {
      const shape = { depths: [1, 1, 1, 1], widths: [4, 4, 4, 4] };
      const model = new ConvNext(shape, { outputs: 5, ...start, initializer: (sizes) => tf.ones([...sizes]) });
      const other = new ConvNext(shape, { outputs: 9, random: RandomStream.fromSeed(1) });
      const state = other.stateDict();
      loadBackbone(
        model,
        Object.fromEntries(Object.entries(state).map(([name, value]) => [`backbone.${name}`, value])),
        'run',
      );
      expect(model.stages[0]![0]!.pwconv1.weight.dataSync()).toEqual(other.stages[0]![0]!.pwconv1.weight.dataSync());
      expect(new Set(model.head.weight.dataSync())).toEqual(new Set([1]));
      const rest = Object.fromEntries(Object.entries(state).filter(([name]) => name !== 'norm.weight'));
      expect(() => {
        loadBackbone(model, rest, 'a.pth');
      }).toThrow(
        new UserError(
          'a.pth: expected weights of this network, found others: state dict: expected tensor "norm.weight", found none',
        ),
      );
      expect(() => authorsNames(['stem.0.weight', 'stages.0.blocks.0.grn.weight'], 'b.pth')).toThrow(
        'b.pth: expected weights of a ConvNeXt, found "stages.0.blocks.0.grn.weight"',
      );
    });
  });
});

describe('the published sizes', () => {
  it.each(['tiny', 'small', 'base', 'large'] as const)('%s has the published number of parameters', async (size) => {
    await chooseBackend('cpu');
    const model = new ConvNext(convNextShapes[size], { outputs: 1000, ...start });
    expect(model.parameterCount()).toBe(twins.parameters[size]);
    model.dispose();
  });

  it('are those of the paper', () => {
    expect(twins.parameters).toEqual({ tiny: 28_589_128, small: 50_223_688, base: 88_591_464, large: 197_767_336 });
  });

  it('cost what the paper says, in multiplications at 224 × 224 pixels', () => {
    // Table 1 of the paper: 4.5, 8.7, 15.4 and 34.4 G, with the last layer.
    for (const [size, billions] of Object.entries({ tiny: 4.5, small: 8.7, base: 15.4, large: 34.4 }))
      expect(convNextCost(convNextShapes[size as keyof typeof convNextShapes], 4, 224) / 1e9).toBeCloseTo(billions, 1);
    // ResNet-18 has 1.82 G; its stem of 7 × 7 pixels 0.118 of them, this one of 3 × 3 pixels 0.022.
    const resNet18 = { depths: [2, 2, 2, 2], widths: [64, 128, 256, 512] };
    expect(resNetCost(resNet18, 4, 224) / 1e9).toBeCloseTo(1.814 - 0.118 + 0.022, 2);
  });
});

describe('shapes', () => {
  beforeAll(() => chooseBackend('cpu'));

  it('halves the maps from stage to stage, after patches that overlap or not', () => {
    tf.tidy(() => {
      const pictures = tf.ones([2, 64, 64, 3]);
      const shape = { depths: [1, 1, 1, 1], widths: [4, 6, 8, 10] };
      for (const stemStride of [2, 4] as const) {
        const side = 64 / stemStride / 8;
        const convNext = new ConvNext(shape, { outputs: 5, stemStride, ...start }).eval();
        expect(convNext.maps(pictures).shape).toEqual([2, side, side, 10]);
        expect(convNext.forward(pictures).shape).toEqual([2, 5]);
        const resNet = new ResNet(shape, { outputs: 5, stemStride, ...start }).eval();
        expect(resNet.maps(pictures).shape).toEqual([2, side, side, 10]);
        expect(resNet.forward(pictures).shape).toEqual([2, 5]);
      }
    });
  });

  it('skips whole residuals in training, the later the more often, and never in evaluation', () => {
    tf.tidy(() => {
      const shape = { depths: [3], widths: [4] };
      const options = { outputs: 2, layerScale: 1, stochasticDepth: 0.8, random: RandomStream.fromSeed(3) };
      const model = new ConvNext(shape, options);
      expect(model.stages[0]!.map(({ skip }) => skip.rate)).toEqual([0, 0.4, 0.8]);
      expect(() => model.forward(tf.ones([1, 8, 8, 3]))).toThrow('expected the noise of the step');
      const block = model.stages[0]![2]!;
      const input = tf.ones([400, 2, 2, 4]);
      const isKept = tf.any(tf.notEqual(block.forward(input, RandomStream.fromSeed(1)), input), [1, 2, 3]);
      const kept = tf.sum(tf.cast(isKept, 'int32')).dataSync()[0]!;
      expect(kept).toBeGreaterThan(50);
      expect(kept).toBeLessThan(110);
    });
  });
});
