import { io } from '@tensorflow/tfjs-core';
import type * as TfjsFileSystem from '@tensorflow/tfjs-node-gpu/dist/io/file_system.js';
import type * as TfjsIo from '@tensorflow/tfjs-node-gpu/dist/io/index.js';
import type * as TfjsNode from '@tensorflow/tfjs-node-gpu/dist/node.js';
import { requireNodeModule } from './backend/tfjs-node.ts';

/**
 * The `tf.node` of tfjs-node: image codecs, SavedModels, TensorBoard summaries. They run on the backend that `register`
 * started. Importing this module also makes `file://` known to `tf.io`, as tfjs-node does.
 */
export const node = (requireNodeModule('node') as typeof TfjsNode).node;

/** `tf.io.fileSystem` and `tf.io.nodeHTTPRequest` of tfjs-node. */
export const { fileSystem, nodeHTTPRequest } = requireNodeModule('io/index') as typeof TfjsIo;

const { nodeFileSystemRouter } = requireNodeModule('io/file_system') as typeof TfjsFileSystem;
io.registerLoadRouter(nodeFileSystemRouter);
io.registerSaveRouter(nodeFileSystemRouter);
