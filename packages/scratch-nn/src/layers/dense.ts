import { NdArray, sizeOf } from '../array.ts';
import { einsum, einsumGradients } from '../einsum/einsum.ts';
import { addBias, createParameter, setGradient } from '../elementwise.ts';
import type { Initializer } from '../initializers.ts';
import type { Layer, Parameter } from './layer.ts';

const PRODUCT = 'bi,io->bo';

/** y = x W + b, where x is [B, I], W [I, O] and b [O]. */
export class Dense implements Layer {
  readonly outputShape: readonly number[];
  readonly buffers = [];
  readonly parameters: readonly Parameter[];
  readonly #weight: Parameter;
  readonly #bias: Parameter;
  #inputs: NdArray | undefined;

  constructor(inputShape: readonly number[], units: number, initializer: Initializer) {
    const inputs = sizeOf(inputShape);
    this.outputShape = [units];
    this.#weight = createParameter('weight', initializer([inputs, units], { inputs, outputs: units }), true);
    this.#bias = createParameter('bias', NdArray.zeros([units], this.#weight.value.dataType), false);
    this.parameters = [this.#weight, this.#bias];
  }

  forward(inputs: NdArray): NdArray {
    this.#inputs = inputs;
    return addBias(einsum(PRODUCT, inputs, this.#weight.value), this.#bias.value); // [B, O]
  }

  backward(outputGradient: NdArray, isFirst: boolean): NdArray | undefined {
    const wanted = isFirst ? [1] : [0, 1];
    const [inputs, weight] = einsumGradients(PRODUCT, [this.#inputs!, this.#weight.value], outputGradient, wanted);
    setGradient(this.#weight, weight!);
    setGradient(this.#bias, einsum('bo->o', outputGradient));
    return inputs; // [B, I]
  }
}
