import { RandomStream, type RandomTensors, type StateDict, valueAndGradients, zeros } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { hashNoise, nativeGate } from '@motley/test-tools';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { overlaps } from './boxes/geometry.ts';
import { roiAlign } from './boxes/roi-align.ts';
import { suppress } from './boxes/suppress.ts';
import { config } from './config.ts';
import { type DetectorShape, FasterRcnn, prepare } from './model.ts';
import { detect, frameOf, framed, resizedSize } from './predict.ts';
import reference from './reference.json' with { type: 'json' };
import { shapeOf } from './shape.ts';

// Sums in one order, as PyTorch's: random weights enlarge what oneDNN rounds.
process.env.TF_ENABLE_ONEDNN_OPTS ??= '0';
const { hasNative } = await nativeGate(() => chooseBackend('tensorflow'));
const TIMEOUT_IN_MS = 300_000;
const SIZES = [
  { height: 60, width: 80 },
  { height: 70, width: 64 },
];
const resizing = { shortSide: 96, longSide: 160 };
const CLASSES = 3;

function weight(name: string, seed: number, shape: number[]): tf.Tensor {
  const [offset, scale] = rangeOf(name, shape);
  return tf.tensor(
    hashNoise(seed, shape).map((value) => offset + Math.fround(scale) * value),
    shape,
  );
}

/** Codes and logits of some size: larger ones enlarge what rounding does. */
function scaleOf(name: string): number {
  if (name.includes('bbox_')) return 0.05;
  return name.includes('cls_') ? 0.06 : 1;
}

function rangeOf(name: string, shape: readonly number[]): readonly [offset: number, scale: number] {
  if (name.endsWith('running_var')) return [1, 0.5];
  if (shape.length > 1) return [0, scaleOf(name) * Math.sqrt(6 / tf.util.sizeFromShape(shape.slice(1)))];
  const scale = /\.(bn3|conv\.3)\./.test(name) ? 0.25 : 1;
  return name.endsWith('weight') ? [scale, 0.2 * scale] : [0, 0.1];
}

const pictures = SIZES.map((size, index) => ({
  ...size,
  // Bytes times 255, for `detect` divides by it.
  values: hashNoise(1000 + index, [size.height, size.width, 3]).map((value) => 255 * (0.5 * value + 0.5)),
}));

const counts = { before: 50, after: 60 };
const small: DetectorShape = {
  backbone: 'mobilenet-v2',
  normalization: 'frozen',
  channels: 32,
  features: 64,
  anchors: {
    sizes: [
      [8, 12],
      [18, 27],
      [40, 60],
      [90, 135],
      [200, 300],
    ],
    ratios: [1, 1.25],
  },
  training: { ...counts, anchorSamples: 32, proposalSamples: 40 },
  testing: { ...counts, minScore: 0.05, maxDetections: 100 },
};
const published = shapeOf(config.resolve({ preset: 'torchvision' }), 'frozen');
const shapes: Record<string, DetectorShape> = {
  'mobilenet-v2': small,
  'resnet-50': { ...published, training: small.training, testing: small.testing },
};

/** Values that `reference.py` writes of a detector. */
interface Twin {
  readonly shapes: Readonly<Record<string, number[]>>;
  readonly parameters: number;
  readonly detections: readonly Readonly<Record<'scores' | 'labels', number[]> & { boxes: number[][] }>[];
  readonly losses: Readonly<Record<string, number>>;
  /** Gradients of each loss for each parameter: the norm, and the product with noise. */
  readonly gradients: Readonly<Record<string, Readonly<Record<string, readonly [norm: number, projection: number]>>>>;
}

const lossNames = {
  loss_objectness: 'anchorClass',
  loss_rpn_box_reg: 'anchorBox',
  loss_classifier: 'proposalClass',
  loss_box_reg: 'proposalBox',
} as const;

/** Noise of the anchors first, then of the proposals, as the reference's samplers have it. */
function injected(): RandomTensors {
  const seeds = [3000, 4000];
  const uniform = (shape: readonly number[]) =>
    tf.tensor(
      hashNoise(seeds.shift()!, shape).map((value) => 0.5 * value + 0.5),
      [...shape],
    );
  return { uniform, normal: uniform };
}

const objects = () => {
  const given = [
    [
      [5.25, 4.5, 46.5, 49.75, 1],
      [50.5, 30, 70, 55.5, 3],
      [0, 0, 0, 0, 0],
    ],
    [
      [2, 3, 20, 25, 2],
      [10, 20, 60, 66, 1],
      [30, 1, 39.5, 12, 3],
    ],
  ];
  const scaled = given.map((rows, place) => {
    const { height, width } = resizedSize(SIZES[place]!, resizing);
    const [across, down] = [width / SIZES[place]!.width, height / SIZES[place]!.height];
    return rows.map(([x1, y1, x2, y2]) => [x1! * across, y1! * down, x2! * across, y2! * down]);
  });
  return {
    boxes: tf.tensor3d(scaled),
    labels: tf.tensor2d(
      given.map((rows) => rows.map((row) => row[4]!)),
      [2, 3],
      'int32',
    ),
  };
};

describe.each(['mobilenet-v2', 'resnet-50'] as const)('%s', (name) => {
  const expected = reference[name] as unknown as Twin;
  let model: FasterRcnn;
  beforeAll(async () => {
    await chooseBackend(hasNative ? 'tensorflow' : 'wasm');
    model = new FasterRcnn(shapes[name]!, { classes: CLASSES, random: RandomStream.fromSeed(0), initializer: zeros });
    const entries = Object.entries(expected.shapes).map(([each, shape], seed) => [each, weight(each, seed, shape)]);
    const state = Object.fromEntries(entries) as StateDict;
    model.loadStateDict(state);
    tf.dispose(state);
  }, TIMEOUT_IN_MS);

  it('has the names, shapes and number of parameters of its twin', () => {
    tf.tidy(() => {
      const found = Object.entries(model.stateDict()).map(([each, { shape }]) => [each, shape] as const);
      expect(Object.fromEntries(found)).toEqual(expected.shapes);
      expect(model.parameterCount()).toBe(expected.parameters);
    });
  });

  it(
    'has the detections of its twin',
    async () => {
      const before = tf.memory().numTensors;
      const found = await detect(model, pictures, resizing);
      expect(tf.memory().numTensors).toBe(before);
      for (const [place, { boxes, scores, labels }] of expected.detections.entries()) {
        const detections = found[place]!;
        expect(detections.map(({ label }) => label + 1)).toEqual(labels);
        for (const [
          index,
          {
            score,
            box: [x, y, width, height],
          },
        ] of detections.entries()) {
          expect(Math.abs(score - scores[index]!)).toBeLessThan(1e-4);
          for (const [edge, value] of [x, y, x + width, y + height].entries())
            expect(Math.abs(value - boxes[index]![edge]!)).toBeLessThan(1e-2);
        }
      }
    },
    TIMEOUT_IN_MS,
  );

  it.each(Object.entries(lossNames))(
    'has the loss and the gradients of its twin, %s',
    (loss, own) => {
      tf.tidy(() => {
        const sizes = SIZES.map((size) => resizedSize(size, resizing));
        const inFrame = tf.tensor2d(sizes.map(({ height, width }) => [height, width]));
        const frame = frameOf(sizes);
        const frames = tf.stack(pictures.map((picture, place) => framed(picture, sizes[place]!, frame)));
        const prepared = prepare(frames, inFrame);
        const { terms, gradients } = valueAndGradients(() => {
          const all = model.losses(prepared, inFrame, objects(), injected());
          return { loss: tf.add(all[own], tf.mul(all.loss, 0)) }; // every parameter has a gradient
        }, model.namedParameters());
        expect(terms.loss.dataSync()[0]! / expected.losses[loss]!).toBeCloseTo(1, 4);
        const wanted = Object.entries(expected.gradients[loss]!);
        const whole = Math.sqrt(wanted.reduce((sum, [, [norm]]) => sum + norm ** 2, 0));
        const parameters = Object.fromEntries(
          [...model.namedParameters()].map(([each, variable]) => [each, tf.clone(variable)]),
        );
        for (const [each, variable] of model.namedParameters()) variable.assign(gradients[each]!);
        const inPyTorch = model.stateDict();
        for (const [each, variable] of model.namedParameters()) variable.assign(parameters[each]!);
        let worst = 0;
        for (const [each, [norm, projection]] of wanted) {
          const gradient = inPyTorch[each]!;
          const product = tf.mul(gradient, tf.tensor(hashNoise(2000, gradient.shape), gradient.shape));
          const differences = [tf.norm(gradient).dataSync()[0]! - norm, tf.sum(product).dataSync()[0]! - projection];
          for (const difference of differences) worst = Math.max(worst, Math.abs(difference) / whole);
        }
        expect(worst).toBeLessThan(1e-4);
        const others = Object.keys(gradients).filter((each) => expected.gradients[loss]![each] === undefined);
        for (const each of others) expect(tf.norm(gradients[each]!).dataSync()[0]! / whole).toBeLessThan(1e-6);
      });
    },
    TIMEOUT_IN_MS,
  );
});

it(
  'has the names of the published ResNet-50-FPN, and its 41,755,286 parameters',
  () => {
    tf.tidy(() => {
      const model = new FasterRcnn(published, { classes: 90, random: RandomStream.fromSeed(0), initializer: zeros });
      expect(Object.keys(model.stateDict()).sort()).toEqual([...reference.published.names].sort());
      expect(model.parameterCount()).toBe(41_755_286);
      expect(reference.published.parameters).toBe(41_755_286);
    });
  },
  TIMEOUT_IN_MS,
);

describe.each(['cpu', 'wasm', ...(hasNative ? (['tensorflow'] as const) : [])] as const)(
  'operations on %s',
  (backend) => {
    const expected = reference.operations;
    beforeAll(() => chooseBackend(backend));
    const boxes = () => tf.tensor2d(expected.boxes);

    it('overlaps are those of torchvision', () => {
      tf.tidy(() => {
        const found = overlaps(tf.slice(boxes(), 0, 5), tf.slice(boxes(), 5, 4)).dataSync();
        for (const [place, value] of expected.overlaps.flat().entries()) expect(found[place]).toBeCloseTo(value, 5);
      });
    });

    it.each(Object.entries(expected.kept))('suppression beyond %s keeps what torchvision keeps', (limit, kept) => {
      tf.tidy(() => {
        const found = suppress(tf.expandDims(boxes(), 0), tf.ones([1, boxes().shape[0]]), Number(limit));
        expect(Array.from(found.dataSync()).flatMap((value, place) => (value === 1 ? [place] : []))).toEqual(kept);
      });
    });

    it('squares of boxes, inside and outside, have the values and gradients of torchvision', () => {
      tf.tidy(() => {
        const features = tf.tensor(hashNoise(12, [1, 16, 16, 3]), [1, 16, 16, 3]);
        const rois = tf.expandDims(tf.tensor2d(expected.rois), 0);
        const align = (input: tf.Tensor) => roiAlign([{ features: input, stride: 4 }], rois);
        const { value, grad } = tf.valueAndGrad((input: tf.Tensor) => {
          const factors = tf.tensor(hashNoise(13, [10, 7, 7, 3]), [10, 7, 7, 3]);
          return tf.sum(tf.mul(align(input), factors));
        })(features);
        expect(Number.isFinite(value.dataSync()[0])).toBe(true);
        for (const [found, wanted] of [
          [align(features).dataSync(), expected.squares],
          [grad.dataSync(), expected.gradient],
        ] as const)
          for (const [place, each] of wanted.entries()) expect(Math.abs(found[place]! - each)).toBeLessThan(1e-4);
      });
    });
  },
);
