export { type Doodle, type DoodleOptions, drawDoodle } from './doodles/doodles.ts';
export { DOODLE_NAMES, type DoodleName } from './doodles/figures.ts';
export { annotate, type AnnotatorOptions, type LabeledBox } from './faces/annotator.ts';
export { type FacePicture, Faces, type FacesOptions } from './faces/faces.ts';
export type { PixelArrays, PixelKind } from './faces/finish.ts';
export type { FaceBox, FaceLandmarks } from './faces/head.ts';
export { type FaceNuisances, neutralNuisances, type Occlusion, OCCLUSIONS } from './faces/nuisances.ts';
export {
  type FaceScene,
  FaceScenes,
  type FaceScenesOptions,
  type Lookalike,
  MASK_CLASS_SHARES,
  MASK_CLASSES,
  type MaskClass,
  type SceneFace,
} from './faces/scenes.ts';
export { FACE_DIMENSIONS } from './faces/traits.ts';
export { logLikelihoodRatio, VerificationBound, type VerificationRates } from './faces/verification-bound.ts';
export { type Glasses, GLASSES, MASK_WEARINGS, type MaskWearing } from './faces/worn.ts';
export { englishGrammar, Grammar, type GrammarRules } from './grammar.ts';
export { AutoregressiveProcess } from './series/autoregressive.ts';
export { MarkovChain } from './series/markov-chain.ts';
export { PowerGrid, type PowerGridOptions, type PowerGridParts, type PowerGridSeries } from './series/power-grid.ts';
export { BACKGROUND_NAMES, type BackgroundName } from './shapes/background.ts';
export { SHAPE_NAMES, type ShapeName } from './shapes/forms.ts';
export { drawShape, type Shape, type ShapeOptions } from './shapes/shapes.ts';
export { type DigitImages, stackDigits, type StackedDigits } from './stacked-digits.ts';
