import { type DataType, NdArray } from '../array.ts';
import { einsum } from '../einsum/einsum.ts';
import { createParameter, multiply, setGradient } from '../elementwise.ts';
import type { Buffer, Layer, TrainingPass, Parameter } from './layer.ts';

const EPSILON = 1e-5;
/** Weight of a batch's statistics in the running statistics, as in PyTorch. */
const MOMENTUM = 0.1;

/**
 * Batch normalization (Ioffe & Szegedy, 2015): y = γ (x − μ) / √(σ² + ε) + β for each channel, over all other axes. In
 * training μ and σ² are the batch's, in inference the running averages.
 */
export class BatchNorm implements Layer {
  readonly outputShape: readonly number[];
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly Buffer[];
  readonly #scale: Parameter;
  readonly #shift: Parameter;
  readonly #runningMean: NdArray;
  readonly #runningVariance: NdArray;
  #normalized: NdArray | undefined;
  #inverseDeviations: readonly number[] = [];

  constructor(shape: readonly number[], dataType: DataType) {
    this.outputShape = shape;
    const channels = [shape.at(-1)!];
    const ones = NdArray.from(new Array<number>(channels[0]!).fill(1), channels, dataType);
    this.#scale = createParameter('weight', ones.copy(), false);
    this.#shift = createParameter('bias', NdArray.zeros(channels, dataType), false);
    this.#runningMean = NdArray.zeros(channels, dataType);
    this.#runningVariance = ones;
    this.parameters = [this.#scale, this.#shift];
    this.buffers = [
      { name: 'running_mean', value: this.#runningMean },
      { name: 'running_var', value: this.#runningVariance },
    ];
  }

  forward(inputs: NdArray, training?: TrainingPass): NdArray {
    const channels = this.outputShape.at(-1)!;
    const rows = inputs.reshape([inputs.size / channels, channels]); // [N, C]
    const { mean, variance } = training !== undefined ? this.#batchStatistics(rows) : this.#running();
    this.#inverseDeviations = variance.map((each) => 1 / Math.sqrt(each + EPSILON));
    const normalized = rows.copy();
    forEachInColumns(normalized, (value, channel) => (value - mean[channel]!) * this.#inverseDeviations[channel]!);
    this.#normalized = normalized;
    const outputs = normalized.copy();
    const [scale, shift] = [this.#scale.value.values, this.#shift.value.values];
    forEachInColumns(outputs, (value, channel) => value * scale[channel]! + shift[channel]!);
    return outputs.reshape(inputs.shape);
  }

  /**
   * ∂L/∂x = γ/σ (g − mean g − x̂ mean(g x̂)), where g = ∂L/∂y, x̂ is the normalized input and means are over N rows.
   */
  backward(outputGradient: NdArray): NdArray {
    const normalized = this.#normalized!;
    const [count, channels] = normalized.shape as [number, number];
    const rows = outputGradient.reshape([count, channels]);
    const sum = einsum('nc->c', rows);
    const product = einsum('nc->c', multiply(rows, normalized));
    setGradient(this.#shift, sum);
    setGradient(this.#scale, product);
    const scale = this.#scale.value.values;
    const result = rows.copy();
    let position = 0;
    forEachInColumns(result, (gradient, channel) => {
      const own = normalized.values[position++]!;
      const centered = gradient - (sum.values[channel]! + own * product.values[channel]!) / count;
      return centered * scale[channel]! * this.#inverseDeviations[channel]!;
    });
    return result.reshape(outputGradient.shape);
  }

  #running() {
    return { mean: [...this.#runningMean.values], variance: [...this.#runningVariance.values] };
  }

  #batchStatistics(rows: NdArray) {
    const [count] = rows.shape as [number];
    const mean = [...einsum('nc->c', rows).values].map((sum) => sum / count);
    const centered = rows.copy();
    forEachInColumns(centered, (value, channel) => value - mean[channel]!);
    const variance = [...einsum('nc,nc->c', centered, centered).values].map((sum) => sum / count);
    const unbiased = count / Math.max(count - 1, 1);
    for (const [channel, each] of mean.entries()) {
      moveTowards(this.#runningMean, channel, each);
      moveTowards(this.#runningVariance, channel, variance[channel]! * unbiased);
    }
    return { mean, variance };
  }
}

function moveTowards({ values }: NdArray, index: number, target: number): void {
  values[index] = (1 - MOMENTUM) * values[index]! + MOMENTUM * target;
}

/** Replaces each number by `fn` of it and its column. @param array contiguous [N, C] */
function forEachInColumns({ values, shape }: NdArray, fn: (value: number, column: number) => number): void {
  const columns = shape[1]!;
  for (let start = 0; start < values.length; start += columns)
    for (let column = 0; column < columns; column++) values[start + column] = fn(values[start + column]!, column);
}
