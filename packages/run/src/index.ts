export {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsEntry,
  type SafetensorsFile,
} from './checkpoint/safetensors.ts';
export { VALUE_TYPES, type ValueType, type ValueTypeName } from './checkpoint/value-types.ts';
export { copyArrays, decodeArrays, encodeArrays, type NamedArrays, type StoredArray } from './checkpoint/arrays.ts';
export { maskedCrc32c } from './checksums/crc32c.ts';
export {
  type ConfigDefinition,
  type ConfigOf,
  type ConfigSources,
  type DeepPartial,
  defineConfig,
  type Preset,
} from './config/config.ts';
export { ConfigError, printable, shown, UserError } from './config/errors.ts';
export { suggestion } from './config/nearest.ts';
export { batchesOfCalls, type BatchSource } from './loop/batches.ts';
export { yieldToEventLoop } from './loop/event-loop.ts';
export type {
  Checkpoint,
  EpochEnd,
  MetricRecord,
  Metrics,
  Progress,
  SavedState,
  Split,
  TrainingListener,
} from './loop/events.ts';
export type { Learner, StepTerms } from './loop/learner.ts';
export { NetworkLearner, type TrainableNetwork } from './loop/network-learner.ts';
export { NonFiniteLossError } from './loop/non-finite-error.ts';
export { planTraining, type TrainingPlan } from './loop/plan.ts';
export {
  runTraining,
  type EvaluationLimits,
  type LoopSettings,
  type ResumePoint,
  type RunContext,
  type TrainingHooks,
  type TrainingResult,
} from './loop/run-training.ts';
export { TermSums } from './loop/term-sums.ts';
export { parseTrainingState, startingState, type TrainingState } from './loop/training-state.ts';
export { Budget, BYTES_OF_VALUE } from './reading/budget.ts';
export { parseJson } from './reading/json.ts';
export { firstIssue, listOf, recordOf } from './reading/schemas.ts';
export { isSizes, sizeOf } from './reading/shapes.ts';
export { philox } from './random/philox.ts';
export { RandomNumbers, type RandomState, stateOfSeed } from './random/random-numbers.ts';
export { plateauSchedule, type PlateauScheduleOptions } from './schedules/plateau-schedule.ts';
export {
  constantSchedule,
  cosineSchedule,
  type CosineScheduleOptions,
  inverseSquareRootSchedule,
  oneCycleSchedule,
  type OneCycleScheduleOptions,
  type Schedule,
  stepSchedule,
  type StepScheduleOptions,
  type WarmupOptions,
} from './schedules/schedules.ts';
export { largest, smallest } from './statistics/extremes.ts';
export { meanAndDeviation, RunningMean, RunningMeans } from './statistics/statistics.ts';
export { wilsonInterval } from './statistics/wilson.ts';
