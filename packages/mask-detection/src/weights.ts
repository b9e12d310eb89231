import { RandomStream, type StateDict, zeros } from '@motley/core';
import { publishedFile, publishedWeights, readWeights } from '@motley/core/node';
import { UserError } from '@motley/run';
import { userPath } from '@motley/run/node';
import * as tf from '@tensorflow/tfjs-core';
import type { MaskDetectionConfig } from './config.ts';
import { FasterRcnn } from './model.ts';
import { freeze } from './networks/backbone.ts';
import { shapeOf } from './shape.ts';

/** Command that fetches published weights. */
const FETCH = 'pnpm --filter mask-detection run fetch';
/** MobileNetV2's file among them. */
const MOBILE_NET_FILE = 'mobilenet_v2-b0353104.pth';

/** The file that the backbone begins with, if any. @param say takes a line for the user */
function weightsFile({ model }: MaskDetectionConfig, say: (line: string) => void): string | undefined {
  if (!model.isPretrained) return undefined;
  if (model.weights !== null) return userPath(model.weights, 'train');
  if (model.backbone !== 'mobilenet-v2') {
    say(
      `weights: none for ${model.backbone}, so training starts from scratch; name a file by --set model.weights=FILE`,
    );
    return undefined;
  }
  try {
    return publishedFile(publishedWeights['mobilenet-v2'], MOBILE_NET_FILE, FETCH);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const megabytes = (publishedWeights['mobilenet-v2'].bytes / 1e6).toFixed(0);
    say(`weights: none fetched, so training starts from scratch; \`${FETCH}\` brings MobileNetV2's (${megabytes} MB)`);
    return undefined;
  }
}

/**
 * A network to train: with a pre-trained backbone whose first stages are frozen, or from scratch. The caller disposes of
 * it.
 * @param classes without the background
 * @throws UserError naming a file that has other weights
 */
export async function openDetector(
  settings: MaskDetectionConfig,
  classes: number,
  say: (line: string) => void,
): Promise<FasterRcnn> {
  const path = weightsFile(settings, say);
  const random = RandomStream.fromSeed(settings.training.seed).fork('weights');
  if (path === undefined) return new FasterRcnn(shapeOf(settings, 'batch'), { classes, random });
  const model = new FasterRcnn(shapeOf(settings, 'frozen'), { classes, random, initializer: zeros });
  const given = await readWeights(path);
  const own = model.stateDict();
  try {
    model.loadStateDict(merged(own, given, path));
    freeze(model.backbone.body, settings.model.frozenStages);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  } finally {
    tf.dispose([given, own]);
  }
}

/** Names of a backbone's weights in torchvision's classifiers and detectors. */
function nameInDetector(name: string): string {
  if (name.startsWith('backbone.') || name.startsWith('rpn.') || name.startsWith('roi_heads.')) return name;
  return `backbone.body.${name.replace(/^features\./, '')}`;
}

/**
 * The network's own weights, with those of the file in the place of the backbone's, and of all others of the same shape.
 * @throws UserError where a weight of the backbone is missing or has another shape
 */
function merged(own: StateDict, given: StateDict, path: string): StateDict {
  const renamed = new Map(Object.entries(given).map(([name, tensor]) => [nameInDetector(name), tensor]));
  return Object.fromEntries(
    Object.entries(own).map(([name, tensor]) => {
      const found = renamed.get(name);
      if (found?.shape.join() === tensor.shape.join()) return [name, found];
      if (!name.startsWith('backbone.body.')) return [name, tensor];
      const shape = found === undefined ? 'none' : `[${found.shape.join(', ')}]`;
      throw new UserError(`${path}: expected ${name} [${tensor.shape.join(', ')}], found ${shape}`);
    }),
  );
}
