export { BACKEND_CHOICES, chooseBackend, type BackendChoice, type BackendReport } from './backend.ts';
export type {
  CommandContext,
  CommandResult,
  TrainCommand,
  TrainContext,
  TrainResult,
  TrainedCommand,
  TrainedContext,
} from './commands/program.ts';
export { runCommandLine } from './commands/run-command-line.ts';
export { loadMnist, type LabelledDigits } from './data/mnist.ts';
export type { BatchFactory } from './data/workers/factory.ts';
export { WorkerError } from './data/workers/thread.ts';
export { workerBatches, type WorkerBatchSource, type WorkerOptions } from './data/workers/worker-batches.ts';
export {
  heatMap,
  lineChart,
  scatterChart,
  type ChartOptions,
  type HeatMapOptions,
  type Line,
  type ScatterOptions,
} from './figures/charts.ts';
export type { Figure } from './figures/figure.ts';
export { imageGrid, type ImageGridOptions } from './figures/image-grid.ts';
export { StorageError, findWorkspaceRoot } from './files.ts';
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
export { progressDisplay, type ProgressDisplay, type ProgressStream } from './progress.ts';
export { CheckpointStore, type CheckpointName, type LoadedCheckpoint } from './run/checkpoint-store.ts';
export { readMetrics } from './run/metrics-log.ts';
export { RunFolder, type RunFolderOptions } from './run/run-folder.ts';
export type { MetricTable, RunStatus, Summary } from './run/summary.ts';
export { EventWriter } from './tensorboard/event-writer.ts';
export { writeProjector, type Embedding } from './tensorboard/projector.ts';
export { TensorBoardLog, type TensorBoardLogOptions } from './tensorboard/tensorboard-log.ts';
