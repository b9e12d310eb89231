export { type BackendChoice, type BackendReport, chooseBackend } from './backend.ts';
export { readCheckpoint, readWeights, type ReadWeightsOptions } from './checkpoint/read-weights.ts';
export type { DataCommand, FigureContext, ModelCommand, TensorTypes, TrainContext } from './commands/program.ts';
export { runCommandLine } from './commands/run-command-line.ts';
export { type LabeledDigits, loadMnist } from './data/mnist.ts';
export type { BatchFactory } from './data/workers/factory.ts';
export { WorkerError } from './data/workers/thread.ts';
export { workerBatches, type WorkerBatchSource, type WorkerOptions } from './data/workers/worker-batches.ts';
export { type AudioOptions, loadAudio, parseAudio, toMono } from './loaders/audio.ts';
export type { AnnotatedImage, Box, BoxOptions, DetectionData } from '../data/annotations/boxes.ts';
export { type CifarImages, type CifarOptions, loadCifar } from './loaders/cifar.ts';
export { loadCoco } from './loaders/coco.ts';
export {
  type CategoryOptions,
  type CategoryValues,
  column,
  type Column,
  isMissing,
  type MissingOptions,
  type NumberOptions,
} from './loaders/csv-columns.ts';
export {
  type CsvOptions,
  type CsvSchema,
  type CsvStreamOptions,
  type CsvTable,
  loadCsv,
  readCsv,
  readCsvHeader,
  stackColumns,
} from './loaders/csv.ts';
export { loadIdx } from './loaders/idx.ts';
export {
  type ImageFolder,
  type ImageFolderOptions,
  listImageFolder,
  type LoadedImageFolder,
  loadImageFolder,
  type LoadImageFolderOptions,
} from './loaders/images.ts';
export { loadNpy, type NpyArray, parseNpy } from './loaders/npy.ts';
export { loadPascalVoc, type PascalVocOptions } from './loaders/pascal-voc.ts';
export { loadTokenizer } from './loaders/tokenizer.ts';
export type { Audio } from './loaders/wav.ts';
export { streamWav } from './loaders/wav-stream.ts';
export { fetchCommand } from './pretrained/fetch-command.ts';
export { publishedFile, publishedWeights, type PublishedWeights } from './pretrained/weights.ts';
