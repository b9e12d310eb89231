#!/usr/bin/env node
/**
 * What branches cost that do not run: the same network with one to ten of them, an image at a time, compiled. The rounds
 * alternate, so that whatever else the machine does meets all.
 */
import { RandomStream, Sgd, softmaxCrossEntropy, valueAndGradients } from '@motley/core';
import { chooseBackend } from '@motley/core/node';
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

/** Two functions of a network with so many branches, each of 100 images in a call, and what they run on. */
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
process.stdout.write('| branches | parameters | multiply-adds per image | forward, ms per image | training, ms per image |\n| --- | --- | --- | --- | --- |\n'); // prettier-ignore
for (const { groupCount, parameters, multiplyAdds: count, forwards, steps } of contenders)
  process.stdout.write(
    `| ${groupCount} | ${parameters.toLocaleString('en')} | ${Math.round(count).toLocaleString('en')} | ${median(forwards).toFixed(3)} (from ${Math.min(...forwards).toFixed(3)}) | ${median(steps).toFixed(3)} (from ${Math.min(...steps).toFixed(3)}) |\n`,
  );
