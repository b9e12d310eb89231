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
  /** Only tensors whose names begin with it, which is left out: `model.` of `{'model': state dict}`. Default: all. */
  readonly prefix?: string;
}

/** Maximum size that Node reads at once. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * The arrays of a checkpoint by name, whatever wrote it: `.safetensors`, PyTorch's `.pth`, `.pt` and `.bin` (nothing in
 * it is executed), TensorFlow.js's `model.json`, TensorFlow's `.index` or a SavedModel's folder. The layouts are the
 * writer's: TensorFlow's convolutions are [kernel, kernel, inputs, outputs], PyTorch's the other way round.
 * @throws UserError naming the file, what was expected and what was found
 */
export async function readCheckpoint(
  path: string,
  { prefix = '' }: ReadWeightsOptions = {},
): Promise<Map<string, SafetensorsEntry>> {
  const entries = [...(await readAny(path))]
    .filter(([name]) => name.startsWith(prefix) && name.length > prefix.length)
    .map(([name, entry]) => [name.slice(prefix.length), entry] as const);
  if (entries.length === 0) throw new UserError(`${path}: expected tensors named ${shown(prefix)}…, found none`);
  return new Map(entries);
}

/** The same as tensors, which are the caller's: what `model.loadStateDict` takes. @throws what `readCheckpoint` throws */
export async function readWeights(path: string, options: ReadWeightsOptions = {}): Promise<Record<string, Tensor>> {
  return decodeTensors(encodeSafetensors(await readCheckpoint(path, options)), path);
}

async function readAny(path: string): Promise<ReadonlyMap<string, SafetensorsEntry>> {
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    (error: unknown) => {
      throw new UserError(`${path}: expected a checkpoint, found: ${reasonOf(error)}`, { cause: error });
    },
  );
  if (isFolder) return readSavedModel(path);
  const name = basename(path);
  switch (extname(path)) {
    case '.safetensors':
      return decodeSafetensors(await readUserFile(path, 'a safetensors file', MAX_BYTES), path).tensors;
    case '.pth':
    case '.pt':
    case '.bin':
    case '.ckpt':
      return decodeTorchCheckpoint(await readUserFile(path, "PyTorch's checkpoint", MAX_BYTES), path);
    case '.json':
      return readTfjsModel(path);
    case '.index':
      return readTensorBundle(path.slice(0, -'.index'.length));
    default:
      throw new UserError(
        `${path}: expected .safetensors, .pth, .pt, .bin, .ckpt, model.json, .index or a SavedModel's folder, found ${shown(name)}`,
      );
  }
}
