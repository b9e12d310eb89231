import { realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { firstIssue, listOf, type SafetensorsEntry, shown, sizeOf, UserError } from '@motley/run';
import { readJson, readUserFile } from '@motley/run/node';
import { z } from 'zod';
import { VALUE_TYPES } from './values.ts';

const quantization = z.discriminatedUnion('dtype', [
  z.object({ dtype: z.enum(['uint8', 'uint16']), scale: z.number(), min: z.number() }),
  z.object({ dtype: z.literal('float16') }),
]);
const weight = z.object({
  name: z.string().min(1),
  shape: listOf(z.int().min(0)),
  dtype: z.enum(['float32', 'int32', 'bool']),
  quantization: quantization.optional(),
});
type Weight = z.output<typeof weight>;
/** Printable, so that messages about the file stay on one line. */
const fileName = z.string().regex(/^\P{C}{1,1000}$/u, 'expected the name of a file');
const model = z.object({
  weightsManifest: listOf(z.object({ paths: listOf(fileName), weights: listOf(weight) })),
});
/** Largest file that Node reads at once. */
const MAX_SHARD_BYTES = 2 ** 31 - 1;

/**
 * Reads the weights of a TensorFlow.js layers or graph model: `model.json` and its shards, which must lie in the same
 * folder. Quantized weights are restored to the float32 or int32 of their dtype.
 * @throws UserError if a file is missing, damaged, named twice or outside the folder, or a weight is text or complex, or
 *   named twice
 */
export async function readTfjsModel(path: string): Promise<Map<string, SafetensorsEntry>> {
  const result = model.safeParse(await readJson(path, "a TensorFlow.js model's description"));
  if (!result.success)
    throw new UserError(`${path}: expected a TensorFlow.js model's weightsManifest, found ${firstIssue(result.error)}`);
  const entries = new Map<string, SafetensorsEntry>();
  const files = new Set<string>();
  for (const { paths, weights } of result.data.weightsManifest) {
    const shards = [];
    for (const shard of paths) {
      const file = await inFolder(path, shard);
      if (files.has(file))
        throw new UserError(`${path}: expected each file of weights once, found ${shown(shard)} again`);
      files.add(file);
      shards.push(await readUserFile(file, `weights of ${path}`, MAX_SHARD_BYTES));
    }
    const bytes = Buffer.concat(shards);
    let position = 0;
    for (const each of weights) {
      if (entries.has(each.name)) throw new UserError(`${path}: expected one weight ${shown(each.name)}, found two`);
      const type = VALUE_TYPES[each.quantization?.dtype ?? each.dtype];
      const end = position + sizeOf(each.shape) * type.bytesPerValue;
      if (end > bytes.length)
        throw new UserError(`${path}: expected ${end} bytes up to ${shown(each.name)}, found ${bytes.length}`);
      entries.set(each.name, restored(each, type.decode(bytes.subarray(position, end), each.shape)));
      position = end;
    }
    if (position !== bytes.length)
      throw new UserError(`${path}: expected ${position} bytes of weights, found ${bytes.length}`);
  }
  if (entries.size === 0) throw new UserError(`${path}: expected weights, found none`);
  return entries;
}

/**
 * Resolves a shard's path, following links, so that one file has one path.
 * @throws UserError if the file lies outside the model's folder
 */
async function inFolder(path: string, name: string): Promise<string> {
  const folder = dirname(resolve(path));
  const file = resolve(folder, name);
  const isWithin = (inner: string, outer: string) => {
    const way = relative(outer, inner);
    return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
  };
  const real = await realpath(file).catch(() => file);
  const realFolder = await realpath(folder).catch(() => folder);
  if (isAbsolute(name) || !isWithin(file, folder) || (real !== file && !isWithin(real, realFolder)))
    throw new UserError(`${path}: expected weights in its own folder, found ${shown(name)}`);
  return real;
}

/** Dequantizes as TensorFlow.js does: quantized · scale + min. */
function restored({ dtype, shape, quantization: how }: Weight, entry: SafetensorsEntry): SafetensorsEntry {
  if (how === undefined || how.dtype === 'float16') return entry;
  const quantized = entry.values as Int32Array | Uint8Array;
  const valueOf = (value: number): number => value * how.scale + how.min;
  return dtype === 'float32'
    ? { dtype: 'F32', shape, values: Float32Array.from(quantized, valueOf) }
    : { dtype: 'I32', shape, values: Int32Array.from(quantized, (value) => Math.round(valueOf(value))) };
}
