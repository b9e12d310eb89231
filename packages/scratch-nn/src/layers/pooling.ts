import { forEachRow, NdArray } from '../array.ts';
import { einsum, einsumGradients } from '../einsum/einsum.ts';
import { scale } from '../elementwise.ts';
import type { Layer } from './layer.ts';
import { outputSize, windows } from './windows.ts';

/** Maximum of each `size × size` window. Windows do not overlap; pixels left over at the edges are dropped. */
export class MaxPooling implements Layer {
  readonly outputShape: readonly number[];
  readonly parameters = [];
  readonly buffers = [];
  readonly #size: number;
  #inputs: NdArray | undefined;
  /** For each output, the place of its maximum in the inputs' numbers. */
  #chosen: Int32Array | undefined;

  /** @param inputShape [H, W, C] */
  constructor(inputShape: readonly number[], size: number) {
    this.outputShape = pooledShape(inputShape, size);
    this.#size = size;
  }

  forward(inputs: NdArray): NdArray {
    const [rows, columns, channels] = this.outputShape as [number, number, number];
    const [perImage, down, right, perChannel] = inputs.strides as [number, number, number, number];
    const outputs = NdArray.zeros([inputs.shape[0]!, ...this.outputShape], inputs.dataType);
    const chosen = new Int32Array(outputs.values.length);
    const size = this.#size;
    let position = 0;
    for (let image = 0; image < inputs.shape[0]!; image++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          const corner = inputs.offset + image * perImage + (row * down + column * right) * size;
          for (let channel = 0; channel < channels; channel++, position++) {
            let best = corner + channel * perChannel;
            for (let y = 0; y < size; y++)
              for (let x = 0; x < size; x++) {
                const index = corner + y * down + x * right + channel * perChannel;
                if (inputs.values[index]! > inputs.values[best]!) best = index;
              }
            outputs.values[position] = inputs.values[best]!;
            chosen[position] = best;
          }
        }
    this.#inputs = inputs;
    this.#chosen = chosen;
    return outputs;
  }

  backward(outputGradient: NdArray): NdArray {
    const { shape, strides, offset, values, dataType } = this.#inputs!;
    const Type = dataType === 'float32' ? Float32Array : Float64Array;
    const gradient = new NdArray(new Type(values.length), shape, strides, offset);
    const incoming = outputGradient.contiguous();
    const chosen = this.#chosen!;
    for (let output = 0; output < chosen.length; output++) gradient.values[chosen[output]!]! += incoming[output]!;
    return gradient;
  }
}

const MEAN = 'bhwijc->bhwc';

/** Mean of each `size × size` window. Windows do not overlap. */
export class AveragePooling implements Layer {
  readonly outputShape: readonly number[];
  readonly parameters = [];
  readonly buffers = [];
  readonly #size: number;
  #inputs: NdArray | undefined;

  /** @param inputShape [H, W, C] */
  constructor(inputShape: readonly number[], size: number) {
    this.outputShape = pooledShape(inputShape, size);
    this.#size = size;
  }

  forward(inputs: NdArray): NdArray {
    this.#inputs = inputs;
    return scale(einsum(MEAN, windows(inputs, this.#size, this.#size)), 1 / this.#size ** 2);
  }

  backward(outputGradient: NdArray): NdArray {
    const inputs = this.#inputs!;
    const view = windows(inputs, this.#size, this.#size);
    const [spread] = einsumGradients(MEAN, [view], scale(outputGradient, 1 / this.#size ** 2));
    const gradient = NdArray.zeros(inputs.shape, inputs.dataType);
    const target = windows(gradient, this.#size, this.#size); // no two windows share a pixel
    const step = target.strides.at(-1)!;
    let position = 0;
    forEachRow(target.shape, [target.strides], ([start], count) => {
      for (let index = 0; index < count; index++) target.values[start! + index * step] = spread!.values[position++]!;
    });
    return gradient;
  }
}

function pooledShape([height, width, channels]: readonly number[], size: number): number[] {
  return [outputSize(height!, size, size, 0), outputSize(width!, size, size, 0), channels!];
}
