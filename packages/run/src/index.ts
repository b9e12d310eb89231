export {
  decodeSafetensors,
  encodeSafetensors,
  type SafetensorsEntry,
  type SafetensorsFile,
} from './checkpoint/safetensors.ts';
export { encodeTensors, type ScratchArray } from './checkpoint/stored-values.ts';
export { maskedCrc32c } from './checksums/crc32c.ts';
export {
  type ConfigDefinition,
  type ConfigOf,
  type ConfigSources,
  type DeepPartial,
  defineConfig,
  type Preset,
} from './config/config.ts';
export { ConfigError, shown, UserError } from './config/errors.ts';
export { suggestion } from './config/nearest.ts';
export { bestSchema, BestTracker } from './loop/best-tracker.ts';
export { yieldToEventLoop } from './loop/event-loop.ts';
export type { Checkpoint, EpochEnd, MetricRecord, Metrics, Progress, Split, TrainingListener } from './loop/events.ts';
export { NonFiniteLossError, requireFinite } from './loop/non-finite-error.ts';
export { TermSums, termSumsSchema, type TermSumsState } from './loop/term-sums.ts';
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
export { meanAndDeviation, RunningMean, RunningMeans } from './statistics/statistics.ts';
export { wilsonInterval } from './statistics/wilson.ts';
