import { RandomStream } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { bar } from './bar.ts';
import { EfficientNet, efficientNetB2, type EfficientNetShape } from './networks/efficient-net.ts';
import { VisionTransformer } from './networks/vision-transformer.ts';
import { attentionRollout, classActivationMaps, classify, featuresOf, type Seeing } from './predict.ts';

const small: EfficientNetShape = {
  ...efficientNetB2,
  stemChannels: 8,
  stages: [
    { expansion: 1, kernelSize: 3, stride: 1, outputs: 8, blocks: 1 },
    { expansion: 2, kernelSize: 5, stride: 2, outputs: 16, blocks: 2 },
  ],
  features: 12,
};
const options = { classes: 3, random: RandomStream.fromSeed(4) } as const;
const preprocessing = {
  resizeSize: 18,
  cropSize: 16,
  filter: 'bicubic',
  mean: [0.5, 0.5, 0.5],
  deviation: [0.25, 0.25, 0.25],
} as const;
const seeing: Seeing = { preprocessing, mirrored: true };
const squares = Uint8Array.from({ length: 2 * 16 * 16 * 3 }, (_, at) => (at * 37 + (at % 11) * 19) % 256);

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5): void {
  expect(found).toHaveLength(expected.length);
  for (let at = 0; at < found.length; at++) expect(Math.abs(found[at]! - expected[at]!)).toBeLessThan(tolerance);
}

describe('predictions', () => {
  beforeAll(() => chooseBackend('cpu'));

  it('gives probabilities that a mirror image does not change', () => {
    tf.tidy(() => {
      const model = new EfficientNet(small, options).eval();
      const found = classify(model, squares, seeing);
      expectClose(tf.sum(found, 1).dataSync(), [1, 1]);
      const image = tf.tensor4d(Float32Array.from(squares), [2, 16, 16, 3]);
      const flipped = Uint8Array.from(tf.reverse(image, 2).dataSync());
      expectClose(classify(model, flipped, seeing).dataSync(), found.dataSync());
      expect(featuresOf(model, squares, { ...seeing, mirrored: false }).shape).toEqual([2, 12]);
    });
  });

  it('gives activation maps whose means are the logits', () => {
    tf.tidy(() => {
      const model = new EfficientNet(small, options).eval();
      const input = tf.randomUniform([2, 16, 16, 3], -1, 1, 'float32', 3);
      const maps = classActivationMaps(model, input);
      expect(maps.shape).toEqual([2, 4, 4, 3]);
      const logits = tf.add(tf.mean(maps, [1, 2]), model.head.bias!);
      expectClose(logits.dataSync(), model.forward(input).dataSync());
    });
  });

  it('rolls attention out over the blocks', () => {
    tf.tidy(() => {
      const shape = { imageSize: 16, patchSize: 8, layers: 2, heads: 2, features: 8, hidden: 16 };
      const model = new VisionTransformer(shape, options).eval();
      const input = tf.randomUniform([1, 16, 16, 3], -1, 1, 'float32', 5);
      const rollout = attentionRollout(model, input);
      expect(rollout.shape).toEqual([1, 2, 2]);
      const [first, second] = model.attentions(input).map((each) => {
        const heads = each.arraySync() as number[][][][];
        return Array.from({ length: 5 }, (_, to) =>
          Array.from({ length: 5 }, (__, from) => {
            return 0.25 * (heads[0]![0]![to]![from]! + heads[0]![1]![to]![from]!) + (to === from ? 0.5 : 0);
          }),
        );
      });
      const row = [1, 2, 3, 4].map((patch) =>
        second![0]!.reduce((sum, share, token) => sum + share * first![token]![patch]!, 0),
      );
      const total = row.reduce((sum, share) => sum + share, 0);
      expectClose(
        rollout.dataSync(),
        row.map((share) => share / total),
      );
    });
  });

  it('needs noise in training mode, and keeps statistics where told to', () => {
    tf.tidy(() => {
      const model = new EfficientNet(small, options).train();
      const input = tf.randomUniform([4, 16, 16, 3], -1, 1, 'float32', 3);
      expect(() => model.features(input)).toThrow('expected the noise of the step in training mode, got none');
      model.keepStatistics();
      const before = [...model.namedBuffers().values()].map((each) => Array.from(each.dataSync()));
      const random = RandomStream.fromSeed(1);
      expect(model.forward(input, random).dataSync()).not.toEqual(model.forward(input, random).dataSync());
      expect([...model.namedBuffers().values()].map((each) => Array.from(each.dataSync()))).toEqual(before);
      model.train(false).train();
      expect(model.training).toBe(true);
    });
  });
});

it('draws bars in eighths of a character', () => {
  expect([bar(0), bar(1), bar(0.5), bar(1 / 192)].map((each) => each.trimEnd())).toEqual([
    '',
    '█'.repeat(24),
    '█'.repeat(12),
    '▏',
  ]);
});
