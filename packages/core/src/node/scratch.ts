/**
 * What of core needs no tensors, for the packages that compute with typed arrays of their own: nothing here loads a
 * library of tensors.
 */
export * from '../scratch.ts';
export { userPath } from './commands/options.ts';
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
export { StorageError, findWorkspaceRoot, writeFileAtomically } from './files.ts';
export { loadImage, type ImageOptions } from './loaders/images.ts';
export { loadLines, loadText, type TextOptions } from './loaders/text.ts';
export { readMetrics } from './run/metrics-log.ts';
export { RunFolder } from './run/run-folder.ts';
export type { MetricTable, RunStatus, Summary } from './run/summary.ts';
export type { Study, StudyColumn, StudyEnd, StudyRun, StudyVariant } from './study/study.ts';
