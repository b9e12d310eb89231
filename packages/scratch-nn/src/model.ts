import { type RandomNumbers, UserError } from '@motley/run';
import { type DataType, NdArray } from './array.ts';
import type { LayerConfig, ModelConfig } from './config.ts';
import { createInitializer } from './initializers.ts';
import { activationLayer, softmax } from './layers/activation.ts';
import { BatchNorm } from './layers/batch-norm.ts';
import { Convolution } from './layers/convolution.ts';
import { Dense } from './layers/dense.ts';
import { Dropout } from './layers/dropout.ts';
import { Flatten } from './layers/flatten.ts';
import type { Layer, NetworkParameter, TrainingPass } from './layers/layer.ts';
import { AveragePooling, MaxPooling } from './layers/pooling.ts';
import { type Loss, meanSquaredError, regularize, softmaxCrossEntropy } from './loss.ts';

/** Result of one batch. */
interface BatchResult {
  readonly loss: number;
  /** [B, N], the same as from `predict`. */
  readonly outputs: NdArray;
}

/** A sequence of layers, as the configuration lists them, run forwards and then backwards. */
export class Network {
  /** Shape of one example's output. */
  readonly outputShape: readonly number[];
  /** By name: `layers.0.weight`. */
  readonly parameters: ReadonlyMap<string, NetworkParameter>;
  /** Parameters and buffers by name: the contents of a checkpoint. */
  readonly state: ReadonlyMap<string, NdArray>;
  readonly #layers: readonly Layer[];
  /** Index in the configuration of each layer: an activation has that of its layer. */
  readonly #places: readonly number[];
  /** Regularizer of each layer, in the order of `#layers`. */
  readonly #regularizers: readonly ModelConfig['regularizer'][];
  /** Index of the first layer with parameters: layers before it need no gradient. */
  readonly #firstTrainable: number;
  readonly #lossOf: Loss;
  /** Whether the loss applies the last softmax, which avoids a division by small probabilities. */
  readonly #endsInLogits: boolean;

  /**
   * @param inputShape of one example, [H, W, C]
   * @param random for the initial weights
   * @throws UserError naming the layer that does not fit its input, or the loss that does not fit the last layer
   */
  constructor(
    model: ModelConfig,
    inputShape: readonly number[],
    random: RandomNumbers,
    dataType: DataType = 'float32',
  ) {
    const layers: Layer[] = [];
    const places: number[] = [];
    const regularizers: ModelConfig['regularizer'][] = [];
    const parameters = new Map<string, NetworkParameter>();
    const state = new Map<string, NdArray>();
    let shape = inputShape;
    for (const [index, config] of model.layers.entries()) {
      for (const layer of createLayers(config, index, shape, random, dataType)) {
        layers.push(layer);
        places.push(index);
        regularizers.push(('regularizer' in config ? config.regularizer : undefined) ?? model.regularizer);
        shape = layer.outputShape;
        const learningRate = 'learningRate' in config ? config.learningRate : undefined;
        for (const parameter of layer.parameters) {
          parameters.set(`layers.${index}.${parameter.name}`, { ...parameter, learningRate });
          state.set(`layers.${index}.${parameter.name}`, parameter.value);
        }
        for (const { name, value } of layer.buffers) state.set(`layers.${index}.${name}`, value);
      }
    }
    const last = model.layers.at(-1)!;
    const activation = 'activation' in last ? last.activation : 'linear';
    if (model.loss === 'crossEntropy' && activation !== 'softmax')
      throw new UserError(
        `model.loss: crossEntropy expected a last layer with activation softmax, got ${last.type} with ${activation}`,
      );
    this.#endsInLogits = model.loss === 'crossEntropy';
    if (this.#endsInLogits) layers.pop();
    this.#layers = layers;
    this.#places = places;
    this.#regularizers = regularizers;
    this.#firstTrainable = layers.findIndex((layer) => layer.parameters.length > 0);
    this.#lossOf = this.#endsInLogits ? softmaxCrossEntropy : meanSquaredError;
    this.outputShape = shape;
    this.parameters = parameters;
    this.state = state;
  }

  /** Number of learned numbers. */
  parameterCount(): number {
    return [...this.parameters.values()].reduce((sum, { value }) => sum + value.size, 0);
  }

  /** @param inputs [B, H, W, C] @returns [B, N], probabilities where the network ends in a softmax */
  predict(inputs: NdArray): NdArray {
    return this.#finish(this.#forward(inputs));
  }

  /** Output of each layer of the configuration, after its activation; logits where the loss applies the softmax. */
  layerOutputs(inputs: NdArray): NdArray[] {
    const outputs: NdArray[] = [];
    let values = inputs;
    for (const [index, layer] of this.#layers.entries()) {
      values = layer.forward(values);
      outputs[this.#places[index]!] = values.copy();
    }
    return outputs;
  }

  /** Loss of a batch, without regularizers. @param targets [B, N] */
  evaluate(inputs: NdArray, targets: NdArray): BatchResult {
    const outputs = this.#forward(inputs);
    return { loss: this.#lossOf(outputs, targets).loss, outputs: this.#finish(outputs) };
  }

  /**
   * Loss of a batch in training mode. Sets the gradient of every parameter to that of loss + penalty.
   * @param targets [B, N]
   * @param noise for dropout
   * @returns loss and outputs, and the regularizers' penalty
   */
  differentiate(inputs: NdArray, targets: NdArray, noise: RandomNumbers): BatchResult & { readonly penalty: number } {
    const outputs = this.#forward(inputs, { noise });
    const { loss, gradient } = this.#lossOf(outputs, targets);
    let incoming: NdArray | undefined = gradient;
    for (let index = this.#layers.length - 1; index >= 0 && incoming !== undefined; index--)
      incoming = this.#layers[index]!.backward(incoming, index <= this.#firstTrainable);
    return { loss, outputs: this.#finish(outputs), penalty: this.#regularize() };
  }

  #forward(inputs: NdArray, training?: TrainingPass): NdArray {
    return this.#layers.reduce((values, layer) => layer.forward(values, training), inputs);
  }

  #finish(outputs: NdArray): NdArray {
    return this.#endsInLogits ? softmax(outputs) : outputs;
  }

  #regularize(): number {
    let penalty = 0;
    for (const [index, { parameters }] of this.#layers.entries()) {
      const { type, strength } = this.#regularizers[index]!;
      for (const { value, gradient, isRegularized } of parameters)
        if (isRegularized) penalty += regularize(type, strength, value, gradient);
    }
    return penalty;
  }
}

/** A layer and its activation. */
function createLayers(
  config: LayerConfig,
  index: number,
  shape: readonly number[],
  random: RandomNumbers,
  dataType: DataType,
): Layer[] {
  const fail = (expected: string): never => {
    throw new UserError(
      `model.layers: layer ${index} (${config.type}) expected ${expected}, got [${shape.join(', ')}]`,
    );
  };
  const layer = createLayer(config, shape, random, dataType, fail);
  if (layer.outputShape.some((size) => size < 1)) fail('input pictures at least as large as its window');
  const activation = 'activation' in config ? activationLayer(config.activation, layer.outputShape) : undefined;
  return activation === undefined ? [layer] : [layer, activation];
}

function createLayer(
  config: LayerConfig,
  shape: readonly number[],
  random: RandomNumbers,
  dataType: DataType,
  fail: (expected: string) => never,
): Layer {
  const { type } = config;
  if ((type === 'convolution' || type === 'maxPooling' || type === 'averagePooling') && shape.length !== 3)
    fail('input pictures [H, W, C] (put it before a "flatten")');
  switch (type) {
    case 'dense':
      if (shape.length !== 1) fail('an input vector (put a "flatten" before it)');
      return new Dense(shape, config.units, createInitializer(config.initial, random, dataType));
    case 'convolution':
      return new Convolution(shape, config, createInitializer(config.initial, random, dataType));
    case 'maxPooling':
      return new MaxPooling(shape, config.size);
    case 'averagePooling':
      return new AveragePooling(shape, config.size);
    case 'flatten':
      return new Flatten(shape);
    case 'dropout':
      return new Dropout(shape, config.rate);
    case 'batchNorm':
      return new BatchNorm(shape, dataType);
  }
}
