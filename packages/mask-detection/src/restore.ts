import { RandomStream, restored, type StateDict, zeros } from '@motley/core';
import type { MaskDetectionConfig } from './config.ts';
import { FasterRcnn } from './model.ts';
import { shapeOf } from './shape.ts';

/** A model with the weights of a checkpoint, ready for evaluation. The caller disposes of it. */
export function restoreModel(settings: MaskDetectionConfig, weights: StateDict): FasterRcnn {
  const classes = (weights['roi_heads.box_predictor.cls_score.bias']?.shape[0] ?? 2) - 1;
  const trainsNormalization = Object.keys(weights).some((name) => name.endsWith('.num_batches_tracked'));
  const shape = shapeOf(settings, trainsNormalization ? 'batch' : 'frozen');
  return restored(new FasterRcnn(shape, { classes, random: RandomStream.fromSeed(0), initializer: zeros }), weights);
}
