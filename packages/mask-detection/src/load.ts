import { basename } from 'node:path';
import { RandomStream, kaggleMasks } from '@motley/core';
import { MASK_CLASSES } from '@motley/core/generators';
import { loadPascalVoc } from '@motley/core/node';
import { UserError } from '@motley/run';
import { loadImage } from '@motley/run/node';
import type { MaskDetectionConfig } from './config.ts';
import { type Example, generateScenes, type MaskData } from './data.ts';
import { stratifiedFolds } from './folds.ts';

/**
 * Generated scenes, or pictures of a folder in the layout of Kaggle's Face Mask Detection: `annotations/*.xml` in Pascal
 * VOC's format and `images`. One fold tests, the next validates, the others train.
 * @throws UserError naming the file that is damaged, has another class or a box without area
 */
export async function loadData(settings: MaskDetectionConfig, path: string | undefined): Promise<MaskData> {
  if (path === undefined) return generateScenes(settings);
  const { data } = settings;
  if (data.fold >= data.folds)
    throw new UserError(`data.fold: expected a fold from 0 to ${data.folds - 1}, got ${data.fold}`);
  const found = await loadPascalVoc(path, {
    ...kaggleMasks,
    classes: MASK_CLASSES,
    folders: { annotations: 'annotations', images: 'images' },
  });
  const examples: Example[] = [];
  for (const { path: file, boxes } of found.images) {
    const { values, height, width } = await loadImage(file);
    const truth = boxes.map(({ label, left, top, right, bottom, isIgnored }) => ({
      box: [left, top, right - left, bottom - top] as const,
      label,
      isCrowd: isIgnored,
    }));
    examples.push({ name: basename(file), picture: { values, height, width }, truth });
  }
  if (examples.length < data.folds)
    throw new UserError(`${path}: expected at least ${data.folds} pictures, found ${examples.length}`);
  const folds = stratifiedFolds(
    examples.map(({ truth }) => found.classes.map((_, label) => truth.filter((each) => each.label === label).length)),
    data.folds,
    RandomStream.fromSeed(data.seed).fork('folds'),
  );
  const validation = (data.fold + 1) % data.folds;
  const of = (keep: (fold: number) => boolean) => examples.filter((_, place) => keep(folds[place]!));
  return {
    classes: found.classes,
    training: of((fold) => fold !== data.fold && (fold !== validation || data.folds === 2)),
    validation: of((fold) => fold === validation),
    test: of((fold) => fold === data.fold),
  };
}
