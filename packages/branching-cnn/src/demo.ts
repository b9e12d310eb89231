import { RandomStream, restored } from '@motley/core';
import {
  coverPicture,
  defineDemo,
  type DemoPicture,
  labels,
  path,
  picture,
  type PictureInput,
  sketch,
  type Sketch,
  type TakenPath,
} from '@motley/core/demo';
import { drawDoodle, drawShape } from '@motley/core/generators';
import * as tf from '@tensorflow/tfjs-core';
import { multiplyAdds } from './compute.ts';
import type { BranchingConfig } from './config.ts';
import { BranchingCnn, imageShapeOf } from './model.ts';
import { predict, type Prediction } from './predict.ts';
import { labelTree, type LabelTree } from './trees.ts';

const EXAMPLES = 200;
/** Classes of the branch that are drawn. */
const SHOWN = 6;

interface Loaded {
  readonly model: BranchingCnn;
  readonly config: BranchingConfig;
}

/** A pad for gray images, else pictures; examples where the training images are generated. */
function inputOf({ data }: BranchingConfig): Sketch | PictureInput {
  const { kind, imageSize } = data;
  const randomOf = (index: number): RandomStream => RandomStream.fromSeed(0).fork('demo').fork(index);
  switch (kind) {
    case 'mnist':
      return sketch({ size: 28, of: 'white on black', label: 'A digit', hint: 'Large and in the middle.' });
    case 'doodles':
      return sketch({
        size: imageSize,
        of: 'white on black',
        label: 'A doodle',
        examples: {
          count: EXAMPLES,
          make: (index) => Float32Array.from(drawDoodle(randomOf(index), { imageSize }).image, (byte) => byte / 255),
        },
      });
    case 'shapes':
      return picture({
        label: 'A shape',
        examples: {
          count: EXAMPLES,
          make: (index) => ({
            width: imageSize,
            height: imageSize,
            data: drawShape(randomOf(index), { imageSize }).image,
          }),
        },
      });
    case 'cifar10':
    case 'cifar100':
      return picture({ label: 'A picture' });
  }
}

function imageOf(value: Float32Array | DemoPicture, [height, width, channels]: readonly [number, number, number]) {
  const shape = [1, height, width, channels];
  if (value instanceof Float32Array) return tf.tensor(value, shape);
  return tf.tidy(() => tf.div(tf.tensor(coverPicture(value, height, width), shape, 'float32'), 255));
}

/** Trunk, groups and the classes of the branch that ran; the other branches did not. */
function pathOf({ group, groupProbabilities, probabilities, ranking }: Prediction, tree: LabelTree): TakenPath {
  const groups = tree.groupNames.map((label, index) => ({
    id: `group ${index}`,
    label,
    share: groupProbabilities[index]!,
  }));
  const members = ranking.filter((label) => tree.groupOf[label] === group).slice(0, SHOWN);
  const conditional = (label: number): number => probabilities[label]! / Math.max(1e-12, groupProbabilities[group]!);
  return {
    columns: [
      [{ id: 'image', label: 'image', share: 1 }],
      [{ id: 'trunk', label: 'trunk', share: 1 }],
      groups,
      members.map((label) => ({ id: `class ${label}`, label: tree.classNames[label]!, share: conditional(label) })),
    ],
    edges: [
      { from: 'image', to: 'trunk', share: 1 },
      ...groups.map(({ id }, index) => ({ from: 'trunk', to: id, share: index === group ? 1 : 0 })),
      ...members.map((label) => ({ from: `group ${group}`, to: `class ${label}`, share: conditional(label) })),
    ],
  };
}

/** Draw, and see which branch the router takes. */
export default defineDemo({
  title: 'Take a branch',
  description:
    'A trunk looks at every image, a router chooses a group of classes, and only the branch of that group runs. The thick line is the path that was taken; dashed branches cost nothing.',
  inputs: ({ config }: Loaded) => ({ image: inputOf(config) }),
  outputs: {
    path: path({ label: 'Path through the network' }),
    classes: labels({ label: 'Class' }),
    work: labels({ top: 3, label: 'Multiply-adds' }),
  },
  load: ({ weights, config }): Loaded => {
    const settings = config as BranchingConfig;
    const { model, data } = settings;
    const tree = labelTree(data.kind, data.groups);
    const network = new BranchingCnn(model, tree, imageShapeOf(data), RandomStream.fromSeed(0));
    return { model: restored(network, weights), config: settings };
  },
  run: async ({ model, config }, values) => {
    const image = imageOf(values.image, model.imageShape);
    try {
      const [prediction] = await predict(model, image);
      const { group, probabilities, ranking } = prediction!;
      const { trunk, router, branches } = multiplyAdds(config.model, model.tree, model.imageShape);
      const whole = trunk + router + branches.reduce((sum, cost) => sum + cost, 0);
      return {
        path: pathOf(prediction!, model.tree),
        classes: ranking.map((label) => ({ label: model.tree.classNames[label]!, score: probabilities[label]! })),
        work: [
          { label: 'the path taken', score: (trunk + router + branches[group]!) / whole },
          { label: 'all branches', score: 1 },
        ],
      };
    } finally {
      image.dispose();
    }
  },
  dispose: ({ model }) => {
    model.dispose();
  },
});
