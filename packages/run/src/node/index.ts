export { userPath } from './commands/options.ts';
export type { ComputeReport, Runtime } from './commands/runtime.ts';
export type { CommandContext, CommandResult, OptionShape, TrainResult } from './commands/program.ts';
export { runProgram } from './commands/run-program.ts';
export {
  runScratchCommandLine,
  type ScratchProgram,
  type ScratchTrainCommand,
  type ScratchTrainContext,
  type ScratchTrainedCommand,
  type ScratchTrainedContext,
} from './commands/scratch-program.ts';
export { attentionMaps, type AttentionMapsOptions } from './figures/attention-maps.ts';
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
export { imageGrid, type ImageGridOptions } from './figures/image-grid.ts';
export { learningCurves, type LearningCurvesOptions } from './figures/learning-curves.ts';
export { spectrogram, type SpectrogramOptions } from './figures/spectrogram.ts';
export { escapeMarkup } from './figures/style.ts';
export { findWorkspaceRoot, readJson, readUserFile, reasonOf, StorageError, writeFileAtomically } from './files.ts';
export { lockFolder } from './folder-lock.ts';
export { type LoadedCheckpoint } from './run/checkpoint-store.ts';
export { readMetrics } from './run/metrics-log.ts';
export { page, section, table } from './run/report-page.ts';
export { RunFolder, type RunFolderOptions } from './run/run-folder.ts';
export { type MetricTable, readSummary, type RunStatus, type Summary } from './run/summary.ts';
export type { StudyFile } from './study/study-file.ts';
export type { Study, StudyColumn, StudyEnd, StudyRun, StudyVariant } from './study/study.ts';
export type { Sweep } from './sweep/sweep-file.ts';
export { type Embedding, writeProjector } from './tensorboard/projector.ts';
export { TensorBoardLog, type TensorBoardLogOptions } from './tensorboard/tensorboard-log.ts';
export { loadLines, loadParallelText, loadText, type ParallelText, type TextOptions } from './text.ts';
export { decodeUtf8, decodeUtf8Stream } from './utf8.ts';
