/** Label trees with two levels: groups, and the classes in each group. */
import { DOODLE_NAMES, SHAPE_NAMES } from '@motley/core/generators';
import { UserError, shown } from '@motley/run';

/** Class names by group name. */
export type Groups = Readonly<Record<string, readonly string[]>>;

/** K classes in G groups. */
export interface LabelTree {
  readonly classNames: readonly string[];
  readonly groupNames: readonly string[];
  /** [G], classes of each group in the order of its branch's outputs. */
  readonly members: readonly (readonly number[])[];
  /** [K], group of each class. */
  readonly groupOf: readonly number[];
  /** [K], position of each class in its group. */
  readonly positionOf: readonly number[];
}

const CIFAR_100: Groups = Object.fromEntries(
  `aquatic mammals: beaver dolphin otter seal whale
fish: aquarium_fish flatfish ray shark trout
flowers: orchid poppy rose sunflower tulip
food containers: bottle bowl can cup plate
fruit and vegetables: apple mushroom orange pear sweet_pepper
household electrical devices: clock keyboard lamp telephone television
household furniture: bed chair couch table wardrobe
insects: bee beetle butterfly caterpillar cockroach
large carnivores: bear leopard lion tiger wolf
large man-made outdoor things: bridge castle house road skyscraper
large natural outdoor scenes: cloud forest mountain plain sea
large omnivores and herbivores: camel cattle chimpanzee elephant kangaroo
medium-sized mammals: fox porcupine possum raccoon skunk
non-insect invertebrates: crab lobster snail spider worm
people: baby boy girl man woman
reptiles: crocodile dinosaur lizard snake turtle
small mammals: hamster mouse rabbit shrew squirrel
trees: maple_tree oak_tree palm_tree pine_tree willow_tree
vehicles 1: bicycle bus motorcycle pickup_truck train
vehicles 2: lawn_mower rocket streetcar tank tractor`
    .split('\n')
    .map((line) => {
      const [group = '', names = ''] = line.split(': ');
      return [group, names.split(' ')];
    }),
);

/** Classes of a data set in the order of their labels, and the default groups. */
interface Classes {
  readonly classNames: readonly string[];
  readonly groups: Groups;
}

export const DATA_CLASSES = {
  mnist: {
    classNames: Array.from({ length: 10 }, (_, digit) => String(digit)),
    groups: { round: ['0', '6', '8', '9'], straight: ['1', '4', '7'], mixed: ['2', '3', '5'] },
  },
  shapes: {
    classNames: SHAPE_NAMES,
    groups: {
      strokes: ['line', 'cross', 'arrow'],
      corners: ['triangle', 'square', 'star'],
      curves: ['circle', 'semicircle', 'heart', 'crescent'],
    },
  },
  doodles: {
    classNames: DOODLE_NAMES,
    groups: { beings: ['fish', 'face'], plants: ['tree', 'flower'], things: ['house', 'boat', 'umbrella', 'sun'] },
  },
  cifar10: {
    classNames: ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'],
    groups: {
      animal: ['bird', 'cat', 'deer', 'dog', 'frog', 'horse'],
      vehicle: ['airplane', 'automobile', 'ship', 'truck'],
    },
  },
  // Labels and superclasses are both in alphabetical order.
  cifar100: { classNames: Object.values(CIFAR_100).flat().sort(), groups: CIFAR_100 },
} as const satisfies Readonly<Record<string, Classes>>;

export type DataKind = keyof typeof DATA_CLASSES;
export const DATA_KINDS = Object.keys(DATA_CLASSES) as [DataKind, ...DataKind[]];

/**
 * Builds the label tree of a data set.
 * @param groups null for the default groups
 * @throws UserError if a group has an unknown class or none, or if a class is in two groups or in none
 */
export function labelTree(kind: DataKind, groups: Groups | null): LabelTree {
  const { classNames, groups: defaultGroups }: Classes = DATA_CLASSES[kind];
  const entries = Object.entries(groups ?? defaultGroups);
  const fail = (expected: string, found: string): never => {
    throw new UserError(`data.groups: expected ${expected}, got ${found}`);
  };
  if (entries.length === 0) fail('at least one group', 'none');
  const groupOf = classNames.map(() => -1);
  const positionOf = classNames.map(() => -1);
  for (const [group, [name, members]] of entries.entries()) {
    if (members.length === 0) fail(`at least one class in the group ${shown(name)}`, 'none');
    for (const [position, member] of members.entries()) {
      const label = classNames.indexOf(member);
      if (label < 0)
        fail(`classes of ${kind} (${shortened(classNames)})`, `${shown(member)} in the group ${shown(name)}`);
      if (groupOf[label]! >= 0)
        fail(
          'every class in one group',
          `${shown(member)} in ${shown(entries[groupOf[label]!]![0])} and in ${shown(name)}`,
        );
      groupOf[label] = group;
      positionOf[label] = position;
    }
  }
  const outside = classNames.filter((_, label) => groupOf[label]! < 0);
  if (outside.length > 0) fail('every class in a group', `no group with ${shortened(outside.map(shown))}`);
  return {
    classNames,
    groupNames: entries.map(([name]) => name),
    members: entries.map(([, members]) => members.map((member) => classNames.indexOf(member))),
    groupOf,
    positionOf,
  };
}

function shortened(names: readonly string[]): string {
  return names.length <= 10 ? names.join(', ') : `${names.slice(0, 10).join(', ')} …`;
}
