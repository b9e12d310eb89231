export { BACKEND_CHOICES, chooseBackend, type BackendChoice, type BackendReport } from './backend.ts';
export { readCheckpoint, readWeights, type ReadWeightsOptions } from './checkpoint/read-weights.ts';
export type {
  CommandContext,
  CommandResult,
  TrainCommand,
  TrainContext,
  TrainResult,
  TrainedCommand,
  TrainedContext,
} from './commands/program.ts';
export { userPath } from './commands/options.ts';
export { runCommandLine } from './commands/run-command-line.ts';
export { loadMnist, type LabelledDigits } from './data/mnist.ts';
export type { BatchFactory } from './data/workers/factory.ts';
export { WorkerError } from './data/workers/thread.ts';
export { workerBatches, type WorkerBatchSource, type WorkerOptions } from './data/workers/worker-batches.ts';
export { attentionMaps, type AttentionMapsOptions } from './figures/attention-maps.ts';
export type { Band } from './figures/bands.ts';
export { barChart, histogramChart, type BarChartOptions, type HistogramOptions } from './figures/bars.ts';
export { boxOverlay, type BoxOverlayOptions, type OverlayBox } from './figures/box-overlay.ts';
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
export { forecastChart, type ForecastOptions } from './figures/forecast.ts';
export { binValues, type HistogramBins } from './figures/histogram-bins.ts';
export { imageGrid, type ImageGridOptions } from './figures/image-grid.ts';
export { learningCurves, type LearningCurvesOptions } from './figures/learning-curves.ts';
export { spectrogram, type SpectrogramOptions } from './figures/spectrogram.ts';
export { escapeMarkup } from './figures/style.ts';
export { StorageError, findWorkspaceRoot, writeFileAtomically } from './files.ts';
export { loadAudio, toMono, type AudioOptions } from './loaders/audio.ts';
export type { AnnotatedImage, Box, BoxOptions, DetectionData } from './loaders/boxes.ts';
export { loadCifar, type CifarImages, type CifarOptions } from './loaders/cifar.ts';
export { loadCoco } from './loaders/coco.ts';
export {
  column,
  type CategoryOptions,
  type CategoryValues,
  type Column,
  type MissingOptions,
  type NumberOptions,
} from './loaders/csv-columns.ts';
export {
  loadCsv,
  readCsv,
  stackColumns,
  type CsvOptions,
  type CsvSchema,
  type CsvStreamOptions,
  type CsvTable,
} from './loaders/csv.ts';
export {
  createLoggers,
  LOGGER_NAMES,
  parseLoggerNames,
  type Logger,
  type LoggerContext,
  type LoggerName,
} from './logging/index.ts';
export { loadIdx } from './loaders/idx.ts';
export {
  listImageFolder,
  loadImage,
  loadImageFolder,
  type ImageFolder,
  type ImageFolderOptions,
  type ImageOptions,
  type LoadImageFolderOptions,
  type LoadedImageFolder,
} from './loaders/images.ts';
export { loadPascalVoc, type PascalVocOptions } from './loaders/pascal-voc.ts';
export { resample } from './loaders/resample.ts';
export { loadLines, loadParallelText, loadText, type ParallelText, type TextOptions } from './loaders/text.ts';
export { loadTokenizer } from './loaders/tokenizer.ts';
export { decodeUtf8 } from './loaders/utf8.ts';
export type { Audio } from './loaders/wav.ts';
export { progressDisplay, type ProgressDisplay, type ProgressStream } from './progress.ts';
export { CheckpointStore, type CheckpointName, type LoadedCheckpoint } from './run/checkpoint-store.ts';
export { readMetrics } from './run/metrics-log.ts';
export { page, section, table } from './run/report-page.ts';
export { RunFolder, type RunFolderOptions } from './run/run-folder.ts';
export type { MetricTable, RunStatus, Summary } from './run/summary.ts';
export type { Study, StudyColumn, StudyEnd, StudyRun, StudyVariant } from './study/study.ts';
export { EventWriter } from './tensorboard/event-writer.ts';
export { writeProjector, type Embedding } from './tensorboard/projector.ts';
export { TensorBoardLog, type TensorBoardLogOptions } from './tensorboard/tensorboard-log.ts';
