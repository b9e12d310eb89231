import './nn/gradients/register.ts';
export { completeKernels } from './backends/complete-kernels.ts';
export { decodeTensors, encodeTensors } from './checkpoint/tensors.ts';
export { cond, whileLoop } from './control-flow/branches.ts';
export { type Choice, choose } from './control-flow/choose.ts';
export { scan, type ScanOptions } from './control-flow/scan.ts';
export type { TensorTree } from './control-flow/tree.ts';
export {
  formatPascalVoc,
  kaggleMasks,
  parsePascalVoc,
  type PascalVocAnnotation,
  type PascalVocFormat,
  type PascalVocObject,
  type PascalVocReading,
} from './data/annotations/pascal-voc.ts';
export {
  affineImage,
  type AffineTransform,
  randomAffine,
  type RandomAffineOptions,
} from './data/augmentations/affine.ts';
export {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  colorJitter,
  type ColorJitterOptions,
} from './data/augmentations/color.ts';
export {
  cropImage,
  type CropWindow,
  cutout,
  flipHorizontally,
  flipVertically,
  randomCrop,
  type RandomCropOptions,
  randomFlip,
  randomShift,
} from './data/augmentations/flips-and-crops.ts';
export {
  type Augmentation,
  type Border,
  composeAugmentations,
  type ImageArray,
  type Pixels,
} from './data/augmentations/image-array.ts';
export { type MixableExample, mixUp } from './data/augmentations/mix-up.ts';
export { frequencyMask, type MaskOptions, timeMask } from './data/augmentations/sequences.ts';
export {
  ArrayBatches,
  type ArrayBatchesOptions,
  type ArrayField,
  type Batch,
  examplesOf,
  type WeightOf,
} from './data/batches.ts';
export type { FieldSpec, FieldValue, HostBatch } from './data/collate.ts';
export type { BatchOptions, BucketOptions, DatasetBatches } from './data/dataset-batches.ts';
export { Dataset, type ShuffleOptions } from './data/dataset.ts';
export { type IdxArray, parseIdx } from './data/idx.ts';
export { Scaler, type ScalerKind, type ScalerState } from './data/scalers.ts';
export { accuracy, isCorrect } from './metrics/accuracy.ts';
export { bleu, type BleuOptions, type BleuScore } from './metrics/translation/bleu.ts';
export { chrf, type ChrfOptions } from './metrics/translation/chrf.ts';
export { gelu, geluTanh, silu } from './nn/activations.ts';
export { type AttentionOptions, scaledDotProductAttention } from './nn/attention.ts';
export { Conv2d, type ConvolutionOptions, ConvTranspose2d, DepthwiseConv2d } from './nn/convolution.ts';
export { ctcGreedy, type CtcLabels } from './nn/ctc/greedy.ts';
export { ctcLoss, type CtcLossOptions } from './nn/ctc/loss.ts';
export {
  type CtcExtension,
  ctcLogProbabilities,
  ctcPrefixExtend,
  type CtcPrefixes,
  ctcPrefixScores,
  ctcPrefixStart,
} from './nn/ctc/prefixes.ts';
export { Dropout } from './nn/dropout.ts';
export { embedding, Embedding, type EmbeddingOptions } from './nn/embedding.ts';
export {
  type Fans,
  heNormal,
  type Initializer,
  kaimingUniform,
  normal,
  xavierNormal,
  xavierUniform,
  zeros,
} from './nn/initializers.ts';
export { Linear, type WeightOptions } from './nn/linear.ts';
export { logSumExp } from './nn/log-sum-exp.ts';
export { softmaxCrossEntropy, type SoftmaxCrossEntropyOptions } from './nn/losses.ts';
export { type Layer, Module, type NamedVariables } from './nn/module.ts';
export {
  batchNorm,
  type ChannelAffine,
  groupNorm,
  standardizeWeight,
} from './nn/normalization/channel-normalization.ts';
export {
  BatchNorm2d,
  type BatchNormOptions,
  GroupNorm,
  LayerNorm,
  type NormalizationOptions,
  RmsNorm,
  StandardizedConv2d,
} from './nn/normalization/modules.ts';
export { layerNorm, rmsNorm } from './nn/normalization/row-normalization.ts';
export { buffer, parameter } from './nn/parameter.ts';
export { GruCell, LstmCell, type LstmState } from './nn/recurrent/cells.ts';
export { lstmLayer, type LstmTensors, type RecurrentCall, type RecurrentResult } from './nn/recurrent/layers.ts';
export {
  Gru,
  type GruCall,
  Lstm,
  type LstmCall,
  type RecurrentOptions,
  type RecurrentStackOptions,
} from './nn/recurrent/stack.ts';
export { orDispose, restored } from './nn/ownership.ts';
export { Sequential, type TensorFunction } from './nn/sequential.ts';
export { type StateDict, StateDictError } from './nn/state-dict.ts';
export { Adagrad, type AdagradOptions } from './optim/adagrad.ts';
export { Adam, AdamW, type AdamWOptions } from './optim/adam.ts';
export { clipByGlobalNorm, clipByValue } from './optim/clip-gradients.ts';
export { createOptimizer, createSchedule } from './optim/create.ts';
export { Lion, type LionOptions } from './optim/lion.ts';
export { Optimizer, type OptimizerOptions, type ParameterGroup, undecayedVectors } from './optim/optimizer.ts';
export { RmsProp, type RmsPropOptions } from './optim/rmsprop.ts';
export { Sgd, type SgdOptions } from './optim/sgd.ts';
export { RandomStream, type RandomTensors } from './random/random-stream.ts';
export { StepRandom } from './random/step-random.ts';
export { hasKernel } from './tensors/has-kernel.ts';
export { classificationFields } from './train/classification-fields.ts';
export { meanTerms, type MeanTermsOptions } from './train/evaluation.ts';
export {
  type CompiledStep,
  fit,
  type FitOptions,
  type LossContext,
  type StepCompiler,
  type StepInputs,
  type StepTerms,
  type TrainingStep,
  type TensorRunContext,
} from './train/fit.ts';
export { TensorLeakError } from './train/leak-guard.ts';
export { tensorSchedule } from './train/tensor-schedule.ts';
export {
  type DefaultWithReason,
  type TrainingDefaults,
  trainingFields,
  type TrainingSettings,
} from './train/training-fields.ts';
export { type LossTerms, type NamedGradients, valueAndGradients } from './train/value-and-gradients.ts';
export {
  balancedClassWeights,
  weightedCrossEntropy,
  type WeightedCrossEntropyOptions,
} from './train/weighted-losses.ts';
