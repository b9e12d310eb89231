export { userPath } from './commands/options.ts';
export { watchOutput, type WatchedOutput } from './commands/output.ts';
export { attentionMaps, type AttentionMapsOptions } from './figures/attention-maps.ts';
export { attentionOverTime, type AttentionOverTimeOptions } from './figures/attention-over-time.ts';
export type { Band } from './figures/bands.ts';
export { barChart, type BarChartOptions, histogramChart, type HistogramOptions } from './figures/bars.ts';
export { boxOverlay, type BoxOverlayOptions, type OverlayBox } from './figures/box-overlay.ts';
export {
  type ChartOptions,
  confusionMatrix,
  type ConfusionMatrixOptions,
  heatMap,
  type HeatMapOptions,
  type Line,
  lineChart,
  type LineChartOptions,
  scatterChart,
  type ScatterOptions,
} from './figures/charts.ts';
export type { Figure } from './figures/figure.ts';
export { forecastChart, type ForecastOptions } from './figures/forecast.ts';
export { binValues, type HistogramBins } from './figures/histogram-bins.ts';
export { imageGrid, type ImageGridOptions } from './figures/image-grid.ts';
export { orWarning } from './figures/or-warning.ts';
export { spectrogram, type SpectrogramOptions } from './figures/spectrogram.ts';
export { escapeMarkup } from './figures/style.ts';
export {
  findWorkspaceRoot,
  makeFolder,
  readJson,
  readUserFile,
  reasonOf,
  StorageError,
  writeFileAtomically,
} from './files.ts';
export { loadImage, type ImageOptions, type LoadedImage } from './images.ts';
export { optionalPackages, type OptionalPackages } from './optional-package.ts';
export { lockFolder } from './folder-lock.ts';
export { progressDisplay, type ProgressDisplay, type ProgressStream } from './progress.ts';
export { type ReadField, readMessage, StrictReader } from './protobuf.ts';
export { isClutter } from './run/data-digest.ts';
export { readConfigFile } from './run/config-file.ts';
export { readMetrics } from './run/metrics-log.ts';
export { page, section, table } from './run/report-page.ts';
export { RunFolder, type RunFolderOptions } from './run/run-folder.ts';
export { type MetricTable, readSummary, type RunStatus, type Summary } from './run/summary.ts';
export type { StudyFile } from './study/study-file.ts';
export type { Study, StudyColumn, StudyEnd, StudyRun, StudyVariant } from './study/study.ts';
export type { Sweep } from './sweep/sweep-file.ts';
export { EventWriter } from './tensorboard/event-writer.ts';
export { type Embedding, writeProjector } from './tensorboard/projector.ts';
export { TensorBoardLog, type TensorBoardLogOptions } from './tensorboard/tensorboard-log.ts';
export { loadLines, loadParallelText, loadText, type ParallelText, type TextOptions } from './text.ts';
export { decodeUtf8, decodeUtf8Stream } from './utf8.ts';
export type { ArrayTypes } from './commands/array-runtime.ts';
export type { OptionShape, OptionShapes, RuntimeTypes } from './commands/given-options.ts';
export type {
  CommandContext,
  CommandResult,
  DataCommand,
  DataRequest,
  FigureContext,
  ModelCommand,
  PlainCommand,
  ModelRequest,
  Program,
  TrainContext,
  TrainOutcome,
  TrainedContext,
  TrainedModel,
} from './commands/program.ts';
export { runCommandLine } from './commands/run-command-line.ts';
export { runProgram } from './commands/run-program.ts';
export type { ComputeReport, Runtime } from './commands/runtime.ts';
export {
  learningCurve,
  learningCurves,
  type LearningCurveOptions,
  type LearningCurvesOptions,
} from './figures/learning-curves.ts';
export type { Logger, LoggerContext } from './logging/logger.ts';
export { createLoggers, LOGGER_NAMES, parseLoggerNames } from './logging/loggers.ts';
export { CheckpointStore, type CheckpointName, type LoadedCheckpoint } from './run/checkpoint-store.ts';
