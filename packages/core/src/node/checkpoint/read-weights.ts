import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { decodeSafetensors, encodeSafetensors, type SafetensorsEntry, shown, UserError } from '@motley/run';
import { readUserFile, reasonOf } from '@motley/run/node';
import type { Tensor } from '@tensorflow/tfjs-core';
import { decodeTensors } from '../../checkpoint/tensors.ts';
import { readSavedModel, readTensorBundle } from './tensor-bundle.ts';
import { readTfjsModel } from './tfjs-model.ts';
import { decodeTorchCheckpoint } from './torch.ts';

export interface ReadWeightsOptions {
  /**
   * Keeps only tensors whose names begin with this prefix, and strips it. Example: `model.` for `{'model': state
   * dict}`. Default: all tensors.
   */
  readonly prefix?: string;
}

/** Largest file that Node reads at once. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * Reads the arrays of a checkpoint by name. Formats: `.safetensors`; PyTorch's `.pth`, `.pt` and `.bin`, without
 * executing them; TensorFlow.js's `model.json`; TensorFlow's `.index`; a SavedModel's folder. Layouts are kept as
 * written: convolution kernels are [kernel, kernel, inputs, outputs] in TensorFlow and [outputs, inputs, kernel,
 * kernel] in PyTorch.
 * @throws UserError naming the file, the expected content and the content found
 */
export async function readCheckpoint(
  path: string,
  { prefix = '' }: ReadWeightsOptions = {},
): Promise<Map<string, SafetensorsEntry>> {
  const isWanted = (name: string): boolean => name.startsWith(prefix) && name.length > prefix.length;
  const entries = [...(await readAny(path, isWanted))]
    .filter(([name]) => isWanted(name))
    .map(([name, entry]) => [name.slice(prefix.length), entry] as const);
  if (entries.length === 0) throw new UserError(`${path}: expected tensors named ${shown(prefix)}…, found none`);
  return new Map(entries);
}

/**
 * Reads a checkpoint as tensors for `model.loadStateDict`. The caller disposes of them.
 * @throws UserError as `readCheckpoint` does
 */
export async function readWeights(path: string, options: ReadWeightsOptions = {}): Promise<Record<string, Tensor>> {
  return decodeTensors(encodeSafetensors(await readCheckpoint(path, options)), path);
}

async function readAny(
  path: string,
  isWanted: (name: string) => boolean,
): Promise<ReadonlyMap<string, SafetensorsEntry>> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    (error: unknown) => {
      throw new UserError(`${path}: expected a checkpoint, found: ${reasonOf(error)}`, { cause: error });
    },
  );
  if (isFolder) return readSavedModel(path, isWanted);
  const name = basename(path);
  switch (extname(path)) {
    case '.safetensors':
      return decodeSafetensors(await readUserFile(path, 'a safetensors file', MAX_BYTES), path, isWanted).tensors;
    case '.pth':
    case '.pt':
    case '.bin':
    case '.ckpt':
      return decodeTorchCheckpoint(await readUserFile(path, "PyTorch's checkpoint", MAX_BYTES), path, isWanted);
    case '.json':
      return readTfjsModel(path);
    case '.index':
      return readTensorBundle(path.slice(0, -'.index'.length), isWanted);
    default:
      throw new UserError(
        `${path}: expected .safetensors, .pth, .pt, .bin, .ckpt, model.json, .index or a SavedModel's folder, found ${shown(name)}`,
      );
  }
}
