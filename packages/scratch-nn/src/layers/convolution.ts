import { NdArray } from '../array.ts';
import { einsum, einsumGradients } from '../einsum/einsum.ts';
import { addBias, createParameter, setGradient } from '../elementwise.ts';
import type { Initializer } from '../initializers.ts';
import type { Layer, Parameter } from './layer.ts';
import { crop, dilatedAndPadded, outputSize, padded, windows } from './windows.ts';

interface ConvolutionOptions {
  readonly filters: number;
  readonly kernelSize: number;
  /** Pixels between the starts of two windows. */
  readonly stride: number;
  /** Width of the border of zeros around the picture. */
  readonly padding: number;
}

/** Windows [B, H', W', K, K, C] with filters [K, K, C, F]. */
const CORRELATION = 'bhwijc,ijcf->bhwf';
/** Input gradient: each pixel from the windows of output gradients around it. */
const BACKWARD = 'bhwijf,ijcf->bhwc';

/** A convolution as one einsum. The windows are a view of the picture: no pixel is copied. */
export class Convolution implements Layer {
  readonly outputShape: readonly number[];
  readonly buffers = [];
  readonly parameters: readonly Parameter[];
  readonly #options: ConvolutionOptions;
  readonly #inputShape: readonly number[];
  readonly #weight: Parameter;
  readonly #bias: Parameter;
  #windows: NdArray | undefined;

  /** @param inputShape [H, W, C] */
  constructor(inputShape: readonly number[], options: ConvolutionOptions, initializer: Initializer) {
    const { filters, kernelSize, stride, padding } = options;
    const [height, width, channels] = inputShape as [number, number, number];
    const sizes = [height, width].map((size) => outputSize(size, kernelSize, stride, padding));
    this.outputShape = [...sizes, filters];
    this.#options = options;
    this.#inputShape = inputShape;
    const area = kernelSize * kernelSize;
    const fans = { inputs: area * channels, outputs: area * filters };
    this.#weight = createParameter('weight', initializer([kernelSize, kernelSize, channels, filters], fans), true);
    this.#bias = createParameter('bias', NdArray.zeros([filters], this.#weight.value.dataType), false);
    this.parameters = [this.#weight, this.#bias];
  }

  /** @param inputs [B, H, W, C] */
  forward(inputs: NdArray): NdArray {
    const { kernelSize, stride, padding } = this.#options;
    this.#windows = windows(padded(inputs, padding), kernelSize, stride); // [B, H', W', K, K, C]
    return addBias(einsum(CORRELATION, this.#windows, this.#weight.value), this.#bias.value); // [B, H', W', F]
  }

  backward(outputGradient: NdArray, isFirst: boolean): NdArray | undefined {
    const { kernelSize, stride, padding } = this.#options;
    const weight = this.#weight.value;
    const [, weightGradient] = einsumGradients(CORRELATION, [this.#windows!, weight], outputGradient, [1]);
    setGradient(this.#weight, weightGradient!);
    setGradient(this.#bias, einsum('bhwf->f', outputGradient));
    if (isFirst) return undefined;

    const [height, width] = this.#inputShape as [number, number];
    const paddedSize = { height: height + 2 * padding, width: width + 2 * padding };
    const spread = dilatedAndPadded(outputGradient, stride, kernelSize - 1, paddedSize);
    const gradient = einsum(BACKWARD, windows(spread, kernelSize, 1), rotated(weight)); // [B, H + 2P, W + 2P, C]
    return crop(gradient, padding); // [B, H, W, C]
  }
}

/** The filters rotated by 180°, as a view. */
function rotated(weight: NdArray): NdArray {
  const [rows, columns] = weight.shape as [number, number];
  const [down, right, ...others] = weight.strides as [number, number, number, number];
  const last = weight.offset + (rows - 1) * down + (columns - 1) * right;
  return weight.view(weight.shape, [-down, -right, ...others], last);
}
