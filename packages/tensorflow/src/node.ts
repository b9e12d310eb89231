import { io } from '@tensorflow/tfjs-core';
import { fileSystemRouter } from './node/file-system.ts';
import { decodeBmp, decodeGif, decodeImage, decodeJpeg, decodePng, encodeJpeg, encodePng } from './node/images.ts';
import { getMetaGraphsFromSavedModel, getNumOfSavedModels, loadSavedModel } from './node/saved-model.ts';
import { summaryFileWriter } from './node/summaries.ts';
import { tensorBoard } from './node/tensor-board.ts';

export { fileSystem } from './node/file-system.ts';
export type { SavedModel } from './node/saved-model.ts';
export type { SummaryFileWriter } from './node/summaries.ts';
export type { TensorBoardCallbacks, TensorBoardOptions } from './node/tensor-board.ts';

/**
 * The `tf.node` of tfjs-node: image codecs, SavedModels, TensorBoard summaries. They run on the backend that `register`
 * started. Importing this module also makes `file://` known to `tf.io`, as tfjs-node does.
 */
export const node = {
  decodeImage,
  decodeBmp,
  decodeGif,
  decodePng,
  decodeJpeg,
  encodeJpeg,
  encodePng,
  summaryFileWriter,
  tensorBoard,
  getMetaGraphsFromSavedModel,
  getNumOfSavedModels,
  loadSavedModel,
};

/** `tf.io.nodeHTTPRequest` of tfjs-node: loads a model over HTTP. */
export function nodeHTTPRequest(path: string, requestInit?: RequestInit, weightPathPrefix?: string): io.IOHandler {
  return io.browserHTTPRequest(path, {
    ...(requestInit && { requestInit }),
    ...(weightPathPrefix !== undefined && { weightPathPrefix }),
  });
}

// tfjs asks every router in turn, and takes null for an address that is not its own, which its type does not say.
const router = fileSystemRouter as (url: string | string[]) => io.IOHandler;
io.registerLoadRouter(router);
io.registerSaveRouter(router);
