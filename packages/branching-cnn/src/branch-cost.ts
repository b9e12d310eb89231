#!/usr/bin/env node
/**
 * Measures the cost of branches that do not run: the same compiled network with 1 to 10 branches, one image at a time.
 * The networks take turns, so that other load on the machine affects all of them alike.
 */
import { RandomStream, Sgd, softmaxCrossEntropy, valueAndGradients } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
import { smallest } from '@motley/run';
import { compile } from '@motley/tensorflow';
import * as tf from '@tensorflow/tfjs-core';
import { meanMultiplyAdds, multiplyAdds } from './compute.ts';
import { config } from './config.ts';
import { BranchingCnn, type ImageShape } from './model.ts';
import type { LabelTree } from './trees.ts';

const BRANCH_COUNTS = [1, 2, 5, 10];
const CLASSES_PER_BRANCH = 4;
const IMAGES_PER_CALL = 100;
const ROUNDS = 9;
const SHAPE: ImageShape = [28, 28, 1];

/** A tree of G groups with {@link CLASSES_PER_BRANCH} classes each. */
function treeOf(groupCount: number): LabelTree {
  const groups = Array.from({ length: groupCount }, (_, group) => group);
  const labels = groups.flatMap((group) =>
    Array.from({ length: CLASSES_PER_BRANCH }, (_, position) => ({ group, position })),
  );
  return {
    classNames: labels.map((_, label) => String(label)),
    groupNames: groups.map(String),
    members: groups.map((group) => labels.flatMap((each, label) => (each.group === group ? [label] : []))),
    groupOf: labels.map(({ group }) => group),
    positionOf: labels.map(({ position }) => position),
  };
}

/** A network with `groupCount` branches, and the times of its forward pass and its training step in ms per image. */
function contender(groupCount: number) {
  const random = RandomStream.fromSeed(0);
  const { model: settings } = config.resolve();
  const tree = treeOf(groupCount);
  const model = new BranchingCnn(settings, tree, SHAPE, random);
  const optimizer = new Sgd(model.namedParameters(), { momentum: 0.9, nesterov: true });
  const forward = compile((images: tf.Tensor, groups: tf.Tensor) => model.forward(images, groups).classLogits, {
    engine: 'grappler',
    stepsPerCall: IMAGES_PER_CALL,
  });
  const step = compile(
    (images: tf.Tensor, groups: tf.Tensor) => {
      const loss = (): tf.Tensor => {
        const { groupLogits, classLogits } = model.forward(images, groups);
        const router = softmaxCrossEntropy(groupLogits, groups);
        return tf.add(softmaxCrossEntropy(classLogits, tf.zeros([1], 'int32')), router);
      };
      const { terms, gradients } = valueAndGradients(() => ({ loss: loss() }), model.namedParameters());
      optimizer.step(gradients, tf.scalar(1e-3));
      return terms.loss;
    },
    { engine: 'grappler', stepsPerCall: IMAGES_PER_CALL },
  );
  const images = tf.tensor(random.uniformValues(IMAGES_PER_CALL * 784), [IMAGES_PER_CALL, 1, ...SHAPE]);
  const groups = tf.tensor(random.integers(IMAGES_PER_CALL, 0, groupCount), [IMAGES_PER_CALL, 1], 'int32');
  const timed = (run: typeof forward): number => {
    const start = performance.now();
    const result = run(images, groups);
    result.dataSync();
    result.dispose();
    return (performance.now() - start) / IMAGES_PER_CALL;
  };
  const share = tree.members.map(() => 1 / groupCount);
  return {
    groupCount,
    parameters: model.parameterCount(),
    multiplyAdds: meanMultiplyAdds(multiplyAdds(settings, tree, SHAPE), share),
    forward: () => timed(forward),
    step: () => timed(step),
  };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

await chooseBackend('tensorflow');
const contenders = BRANCH_COUNTS.map(contender).map((each) => ({
  ...each,
  forwards: [] as number[],
  steps: [] as number[],
}));
for (const { forward, step } of contenders) [forward, step].forEach((run) => run());
for (let round = 0; round < ROUNDS; round++)
  for (const { forward, step, forwards, steps } of contenders) {
    forwards.push(forward());
    steps.push(step());
  }
const HEADINGS = [
  'branches',
  'parameters',
  'multiply-adds per image',
  'forward, ms per image',
  'training, ms per image',
];
process.stdout.write(`| ${HEADINGS.join(' | ')} |\n|${' --- |'.repeat(HEADINGS.length)}\n`);
for (const { groupCount, parameters, multiplyAdds: count, forwards, steps } of contenders)
  process.stdout.write(
    `| ${groupCount} | ${parameters.toLocaleString('en')} | ${Math.round(count).toLocaleString('en')} | ${median(forwards).toFixed(3)} (from ${smallest(forwards).toFixed(3)}) | ${median(steps).toFixed(3)} (from ${smallest(steps).toFixed(3)}) |\n`,
  );
