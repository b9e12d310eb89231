export { ARCHITECTURE_NAMES, type ArchitectureName, architectures } from './architectures.ts';
export { config, type FoodVisionConfig } from './config.ts';
export { type FoodLoss, foodLoss } from './loss.ts';
export { createNetwork } from './model.ts';
export { type Concept, conceptsOf } from './names/concepts.ts';
export { imageNetSynsets } from './names/imagenet.ts';
export { parseLabels, phraseOf } from './names/labels.ts';
export {
  encodeBy,
  encodeLabels,
  type Encode,
  nameBy,
  type NameSpace,
  openNameSpace,
  similarityOf,
} from './names/name-space.ts';
export { conse, namingDefaults, type NamingOptions } from './names/naming.ts';
export { miniLmL6, SentenceEncoder, type SentenceEncoderShape } from './names/sentence-encoder.ts';
export { loadEncoder, textVectors, type Vectors } from './names/text-vectors.ts';
export { type Meaning, parseMeanings, parseSenses, WordNet } from './names/word-net.ts';
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
