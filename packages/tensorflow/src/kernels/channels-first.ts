import type { TensorFlowBackend } from '../backend/backend.ts';
import { TensorFlowError } from '../c-api/status.ts';
import { DataType } from '../c-api/types.ts';
import type { Runtime } from '../runtime.ts';
import { integerAttribute, stringAttribute, typeAttribute } from './attributes.ts';

const found = new WeakMap<Runtime, boolean>();

/**
 * Whether TensorFlow convolves images with channels first on this machine: on GPUs, and on CPUs through oneDNN, which
 * some CPUs lack and which can be turned off. Tried once on one pixel. Transposing instead takes up to twice as long.
 */
export function convolvesChannelsFirst({ runtime, transfer }: TensorFlowBackend): boolean {
  let isSupported = found.get(runtime);
  if (isSupported === undefined) found.set(runtime, (isSupported = tryOnePixel(runtime, transfer)));
  return isSupported;
}

function tryOnePixel({ api, executor }: Runtime, transfer: TensorFlowBackend['transfer']): boolean {
  const pixel = Number(transfer.create([1, 1, 1, 1], DataType.float32, [1]));
  const attributes = [
    typeAttribute('T', DataType.float32),
    integerAttribute('strides', [1, 1, 1, 1]),
    stringAttribute('padding', 'VALID'),
    stringAttribute('data_format', 'NCHW'),
  ];
  try {
    executor.run('Conv2D', attributes, [pixel, pixel], 1);
    api.TFE_DeleteTensorHandle(executor.output(0));
    return true;
  } catch (error) {
    if (error instanceof TensorFlowError) return false;
    throw error;
  } finally {
    api.TFE_DeleteTensorHandle(pixel);
  }
}
