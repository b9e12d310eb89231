/**
 * What of core needs no tensors, for the packages that compute with typed arrays of their own: nothing here loads a
 * library of tensors.
 */
export type { ScratchArray } from '../checkpoint/stored-values.ts';
export { defineConfig, type ConfigDefinition, type ConfigOf, type DeepPartial, type Preset } from '../config/config.ts';
export { ConfigError, UserError, shown } from '../config/errors.ts';
export { nearestName, suggestion } from '../config/nearest.ts';
export { Grammar, englishGrammar } from '../data/generators/grammar.ts';
export { MarkovChain } from '../data/generators/series/markov-chain.ts';
export {
  constantSchedule,
  cosineSchedule,
  inverseSquareRootSchedule,
  oneCycleSchedule,
  stepSchedule,
  type Schedule,
} from '../optim/schedules.ts';
export { RandomNumbers, type RandomState } from '../random/random-numbers.ts';
export { ByteTokenizer } from '../text/byte-tokenizer.ts';
export { CharacterTokenizer } from '../text/character-tokenizer.ts';
export type { Tokenizer } from '../text/tokenizer.ts';
export type { Checkpoint, MetricRecord, Metrics, Progress, Split, TrainingListener } from '../train/events.ts';
export type { CommandResult, TrainResult } from './commands/program.ts';
export {
  runScratchCommandLine,
  type ScratchProgram,
  type ScratchTrainCommand,
  type ScratchTrainContext,
  type ScratchTrainedCommand,
  type ScratchTrainedContext,
} from './commands/scratch-program.ts';
export { barChart, histogramChart, type BarChartOptions, type HistogramOptions } from './figures/bars.ts';
export {
  confusionMatrix,
  heatMap,
  lineChart,
  scatterChart,
  type ChartOptions,
  type ConfusionMatrixOptions,
  type HeatMapOptions,
  type Line,
  type LineChartOptions,
  type ScatterOptions,
} from './figures/charts.ts';
export type { Figure } from './figures/figure.ts';
export { imageGrid, type ImageGridOptions } from './figures/image-grid.ts';
export { learningCurves, type LearningCurvesOptions } from './figures/learning-curves.ts';
export { StorageError, findWorkspaceRoot } from './files.ts';
export { loadImage, type ImageOptions } from './loaders/images.ts';
export { loadLines, loadText, type TextOptions } from './loaders/text.ts';
export { readMetrics } from './run/metrics-log.ts';
export { RunFolder } from './run/run-folder.ts';
export type { MetricTable, RunStatus, Summary } from './run/summary.ts';
