export { ARCHITECTURE_NAMES, type ArchitectureName, architectures } from './architectures.ts';
export { config, type FoodVisionConfig } from './config.ts';
export { type FoodLoss, foodLoss } from './loss.ts';
export { createNetwork } from './model.ts';
export {
  EfficientNet,
  efficientNetB2,
  efficientNetLite0,
  type EfficientNetShape,
  type NetworkOptions,
} from './networks/efficient-net.ts';
export type { ImageClassifier } from './networks/image-classifier.ts';
export { vitB16, VisionTransformer, type VisionTransformerShape } from './networks/vision-transformer.ts';
export { frame, type Framing } from './pictures/framing.ts';
export { normalize, type Preprocessing, squareOf } from './pictures/preprocess.ts';
export { type Filter, type Picture, resize } from './pictures/resample.ts';
export { attentionRollout, classActivationMaps, classify, featuresOf, inputOf, type Seeing } from './predict.ts';
