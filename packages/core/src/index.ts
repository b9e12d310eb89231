import './nn/gradients/register.ts';
export { completeKernels } from './backends/complete-kernels.ts';
export {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsEntry,
  type SafetensorsFile,
} from './checkpoint/safetensors.ts';
export { encodeTensors, type ScratchArray, type StoredValue } from './checkpoint/stored-values.ts';
export { decodeTensors } from './checkpoint/tensors.ts';
export { cond, whileLoop } from './control-flow/branches.ts';
export { choose, type Choice } from './control-flow/choose.ts';
export { scan, type ScanOptions } from './control-flow/scan.ts';
export type { TensorTree } from './control-flow/tree.ts';
export {
  defineConfig,
  type ConfigDefinition,
  type ConfigOf,
  type ConfigSources,
  type DeepPartial,
  type Preset,
} from './config/config.ts';
export { ConfigError, UserError } from './config/errors.ts';
export type { FieldSpec, FieldValue, HostBatch } from './data/collate.ts';
export { Dataset, type MaybePromise, type ShuffleOptions } from './data/dataset.ts';
export type { BatchOptions, BucketOptions, DatasetBatches } from './data/dataset-batches.ts';
export { drawDoodle, type Doodle, type DoodleOptions } from './data/generators/doodles/doodles.ts';
export { DOODLE_NAMES, type DoodleName } from './data/generators/doodles/figures.ts';
export { englishGrammar, Grammar, type GrammarRules } from './data/generators/grammar.ts';
export { stackDigits, type DigitImages, type StackedDigits } from './data/generators/stacked-digits.ts';
export { AutoregressiveProcess } from './data/generators/series/autoregressive.ts';
export { MarkovChain } from './data/generators/series/markov-chain.ts';
export {
  PowerGrid,
  type PowerGridOptions,
  type PowerGridParts,
  type PowerGridSeries,
} from './data/generators/series/power-grid.ts';
export { BACKGROUND_NAMES, type BackgroundName } from './data/generators/shapes/background.ts';
export { SHAPE_NAMES, type ShapeName } from './data/generators/shapes/forms.ts';
export { drawShape, type Shape, type ShapeOptions } from './data/generators/shapes/shapes.ts';
export { parseIdx, type IdxArray } from './data/idx.ts';
export { classificationFields } from './config/classification-fields.ts';
export {
  trainingFields,
  type DefaultWithReason,
  type TrainingDefaults,
  type TrainingSettings,
} from './config/training-fields.ts';
export { bleu, type BleuOptions, type BleuScore } from './metrics/translation/bleu.ts';
export { chrf, type ChrfOptions } from './metrics/translation/chrf.ts';
export { gelu, geluTanh, silu } from './nn/activations.ts';
export { scaledDotProductAttention, type AttentionOptions } from './nn/attention.ts';
export { Conv2d, ConvTranspose2d, DepthwiseConv2d, type ConvolutionOptions } from './nn/convolution.ts';
export { Dropout } from './nn/dropout.ts';
export { Embedding, embedding, type EmbeddingOptions } from './nn/embedding.ts';
export { hasKernel } from './nn/has-kernel.ts';
export {
  heNormal,
  kaimingUniform,
  normal,
  xavierNormal,
  xavierUniform,
  zeros,
  type Fans,
  type Initializer,
} from './nn/initializers.ts';
export { Linear, type WeightOptions } from './nn/linear.ts';
export { softmaxCrossEntropy, type SoftmaxCrossEntropyOptions } from './nn/losses.ts';
export { Module, type Layer, type NamedVariables } from './nn/module.ts';
export {
  batchNorm,
  groupNorm,
  standardizeWeight,
  type ChannelAffine,
} from './nn/normalization/channel-normalization.ts';
export {
  BatchNorm2d,
  GroupNorm,
  LayerNorm,
  RmsNorm,
  StandardizedConv2d,
  type BatchNormOptions,
  type NormalizationOptions,
} from './nn/normalization/modules.ts';
export { layerNorm, rmsNorm } from './nn/normalization/row-normalization.ts';
export { buffer, parameter } from './nn/parameter.ts';
export { GruCell, LstmCell, type LstmState } from './nn/recurrent/cells.ts';
export { lstmLayer, type LstmTensors, type RecurrentCall, type RecurrentResult } from './nn/recurrent/layers.ts';
export {
  Gru,
  Lstm,
  type GruCall,
  type LstmCall,
  type RecurrentOptions,
  type RecurrentStackOptions,
} from './nn/recurrent/stack.ts';
export { Sequential, type TensorFunction } from './nn/sequential.ts';
export { StateDictError, type StateDict } from './nn/state-dict.ts';
export { Adagrad, type AdagradOptions } from './optim/adagrad.ts';
export { Adam, AdamW, type AdamWOptions } from './optim/adam.ts';
export { clipByGlobalNorm, clipByValue } from './optim/clip-gradients.ts';
export { createOptimizer, createSchedule } from './optim/create.ts';
export { Lion, type LionOptions } from './optim/lion.ts';
export { Optimizer, undecayedVectors, type OptimizerOptions, type ParameterGroup } from './optim/optimizer.ts';
export { plateauSchedule, type PlateauScheduleOptions } from './optim/plateau-schedule.ts';
export { RmsProp, type RmsPropOptions } from './optim/rmsprop.ts';
export {
  constantSchedule,
  cosineSchedule,
  inverseSquareRootSchedule,
  oneCycleSchedule,
  stepSchedule,
  type CosineScheduleOptions,
  type OneCycleScheduleOptions,
  type Schedule,
  type StepScheduleOptions,
  type ValidationFollower,
  type WarmupOptions,
} from './optim/schedules.ts';
export { Sgd, type SgdOptions } from './optim/sgd.ts';
export { RandomNumbers, type RandomState } from './random/random-numbers.ts';
export { RandomStream, type RandomTensors } from './random/random-stream.ts';
export { StepRandom } from './random/step-random.ts';
export {
  ArrayBatches,
  type ArrayBatchesOptions,
  type ArrayField,
  type Batch,
  type BatchSource,
} from './data/batches.ts';
export {
  affineImage,
  randomAffine,
  type AffineTransform,
  type RandomAffineOptions,
} from './data/augmentations/affine.ts';
export {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  colourJitter,
  type ColourJitterOptions,
} from './data/augmentations/colour.ts';
export {
  cropImage,
  cutout,
  flipHorizontally,
  flipVertically,
  randomCrop,
  randomFlip,
  randomShift,
  type RandomCropOptions,
  type CropWindow,
} from './data/augmentations/flips-and-crops.ts';
export {
  composeAugmentations,
  type Augmentation,
  type Border,
  type ImageArray,
  type Pixels,
} from './data/augmentations/image-array.ts';
export { mixUp, type MixableExample } from './data/augmentations/mix-up.ts';
export { frequencyMask, timeMask, type MaskOptions } from './data/augmentations/sequences.ts';
export { Scaler, type ScalerKind, type ScalerState } from './data/scalers.ts';
export { accuracy } from './metrics/accuracy.ts';
export { meanAndDeviation, RunningMean, RunningMeans } from './metrics/statistics.ts';
export { wilsonInterval } from './metrics/wilson.ts';
export { BpeTokenizer, type BpeTokenizerState } from './text/bpe/bpe-tokenizer.ts';
export { trainBpe, type BpeTrainingOptions } from './text/bpe/train-bpe.ts';
export { ByteTokenizer, type ByteTokenizerState } from './text/byte-tokenizer.ts';
export { CharacterTokenizer, type CharacterTokenizerState } from './text/character-tokenizer.ts';
export { tokenizerFromJSON } from './text/from-json.ts';
export { PretrainedTokenizer } from './text/pretrained-tokenizer.ts';
export type { SpecialTokenOptions, Tokenizer } from './text/tokenizer.ts';
export {
  WordTokenizer,
  type WordTokenizerOptions,
  type WordTokenizerState,
  type WordTrainingOptions,
} from './text/word-tokenizer.ts';
export { yieldToEventLoop } from './train/event-loop.ts';
export type { Checkpoint, EpochEnd, MetricRecord, Metrics, Progress, Split, TrainingListener } from './train/events.ts';
export {
  fit,
  type CompiledStep,
  type FitOptions,
  type FitResult,
  type LossContext,
  type ResumePoint,
  type StepCompiler,
  type StepInputs,
  type StepTerms,
  type TrainingStep,
  type TrainingSurroundings,
} from './train/fit.ts';
export { meanTerms, type EvaluationLimits } from './train/evaluation.ts';
export { TensorLeakError } from './train/leak-guard.ts';
export { NonFiniteLossError } from './train/non-finite-error.ts';
export {
  balancedClassWeights,
  weightedCrossEntropy,
  type WeightedCrossEntropyOptions,
} from './train/weighted-losses.ts';
export { valueAndGradients, type LossTerms, type NamedGradients } from './train/value-and-gradients.ts';
