export { config, type FaceVerificationConfig } from './config.ts';
export {
  centerLoss,
  classCosines,
  classificationTerms,
  type Margin,
  marginLogits,
  movedCenters,
  unitRows,
} from './loss.ts';
export { createBackbone, embeddingCost, FaceNetwork } from './model.ts';
export type { Backbone } from './networks/backbone.ts';
export {
  ConvNext,
  convNextCost,
  type ConvNextOptions,
  type ConvNextShape,
  convNextShapes,
} from './networks/convnext.ts';
export { authorsNames } from './networks/names.ts';
export { ResNet, type ResNetOptions, type ResNetShape } from './networks/resnet.ts';
export { loadBackbone } from './networks/weights.ts';
export { alignFace, type Landmarks, nearestSimilarity, type Picture, type Similarity } from './pictures/align.ts';
export { embed, embedPictures, inputOf, normalize, similarity } from './predict.ts';
