import { UserError } from '@motley/run';
import { type DataType, NdArray } from './array.ts';
import type { LayerConfig, ModelConfig } from './config.ts';
import { initialiser, type Random } from './initialisers.ts';
import { activationLayer, softmax } from './layers/activation.ts';
import { BatchNorm } from './layers/batch-norm.ts';
import { Convolution } from './layers/convolution.ts';
import { Dense } from './layers/dense.ts';
import { Dropout } from './layers/dropout.ts';
import { Flatten } from './layers/flatten.ts';
import type { Layer, LearningPass, Parameter } from './layers/layer.ts';
import { AveragePooling, MaxPooling } from './layers/pooling.ts';
import { type Loss, meanSquaredError, regularize, softmaxCrossEntropy } from './loss.ts';

/** A parameter in its network. */
export interface NetworkParameter extends Parameter {
  /** Its layer's own learning rate, where it has one. */
  readonly learningRate: number | undefined;
}

/** What one batch came to. */
export interface BatchResult {
  readonly loss: number;
  /** `[B, N]`, as `predict` gives them. */
  readonly outputs: NdArray;
}

/** A network as its configuration lists it: layer after layer, forwards and then backwards. */
export class Network {
  /** Of one example. */
  readonly outputShape: readonly number[];
  /** By name: `layers.0.weight`. */
  readonly parameters: ReadonlyMap<string, NetworkParameter>;
  /** Parameters and what is kept beside them, by name. */
  readonly state: ReadonlyMap<string, NdArray>;
  readonly #layers: readonly Layer[];
  /** Those of a layer, by its place in `#layers`. */
  readonly #regularizers: readonly ModelConfig['regularizer'][];
  /** The place of the first layer that learns: no gradient is wanted before it. */
  readonly #firstLearning: number;
  readonly #lossOf: Loss;
  /** Whether the last softmax is left to the loss, which needs no division by small probabilities then. */
  readonly #endsInLogits: boolean;

  /**
   * @param inputShape of one example, `[H, W, C]`
   * @param random for the initial weights
   * @throws UserError naming the layer that does not fit what comes before it, or the loss that does not fit the last
   */
  constructor(model: ModelConfig, inputShape: readonly number[], random: Random, dataType: DataType = 'float32') {
    const layers: Layer[] = [];
    const regularizers: ModelConfig['regularizer'][] = [];
    const parameters = new Map<string, NetworkParameter>();
    const state = new Map<string, NdArray>();
    let shape = inputShape;
    for (const [index, config] of model.layers.entries()) {
      for (const layer of createLayers(config, index, shape, random, dataType)) {
        layers.push(layer);
        regularizers.push(('regularizer' in config ? config.regularizer : undefined) ?? model.regularizer);
        shape = layer.outputShape;
        const learningRate = 'learningRate' in config ? config.learningRate : undefined;
        for (const each of layer.parameters) {
          parameters.set(`layers.${index}.${each.name}`, { ...each, learningRate });
          state.set(`layers.${index}.${each.name}`, each.value);
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
    this.#regularizers = regularizers;
    this.#firstLearning = layers.findIndex((layer) => layer.parameters.length > 0);
    this.#lossOf = this.#endsInLogits ? softmaxCrossEntropy : meanSquaredError;
    this.outputShape = shape;
    this.parameters = parameters;
    this.state = state;
  }

  parameterCount(): number {
    return [...this.parameters.values()].reduce((sum, { value }) => sum + value.size, 0);
  }

  /** @param inputs `[B, H, W, C]` @returns `[B, N]`, probabilities where the network ends in a softmax */
  predict(inputs: NdArray): NdArray {
    return this.#finish(this.#forward(inputs));
  }

  /** The loss of a batch. @param targets `[B, N]` */
  evaluate(inputs: NdArray, targets: NdArray): BatchResult {
    const outputs = this.#forward(inputs);
    return { loss: this.#lossOf(outputs, targets).loss, outputs: this.#finish(outputs) };
  }

  /**
   * The loss of a batch, and with it the gradient of every parameter, of the loss and of what regularisers add.
   * @param targets `[B, N]`
   * @returns the penalty of the regularisers too
   */
  differentiate(inputs: NdArray, targets: NdArray, noise: Random): BatchResult & { readonly penalty: number } {
    const outputs = this.#forward(inputs, { noise });
    const { loss, gradient } = this.#lossOf(outputs, targets);
    let incoming: NdArray | undefined = gradient;
    for (let index = this.#layers.length - 1; index >= 0 && incoming !== undefined; index--)
      incoming = this.#layers[index]!.backward(incoming, index <= this.#firstLearning);
    return { loss, outputs: this.#finish(outputs), penalty: this.#regularize() };
  }

  #forward(inputs: NdArray, learning?: LearningPass): NdArray {
    return this.#layers.reduce((values, layer) => layer.forward(values, learning), inputs);
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

/** A layer, and the activation after it. */
function createLayers(
  config: LayerConfig,
  index: number,
  shape: readonly number[],
  random: Random,
  dataType: DataType,
): Layer[] {
  const fail = (expected: string): never => {
    throw new UserError(
      `model.layers: layer ${index} (${config.type}) expected ${expected}, got [${shape.join(', ')}]`,
    );
  };
  const layer = createLayer(config, shape, random, dataType, fail);
  if (layer.outputShape.some((size) => size < 1)) fail('pictures at least as large as its window to come in');
  const activation = 'activation' in config ? activationLayer(config.activation, layer.outputShape) : undefined;
  return activation === undefined ? [layer] : [layer, activation];
}

function createLayer(
  config: LayerConfig,
  shape: readonly number[],
  random: Random,
  dataType: DataType,
  fail: (expected: string) => never,
): Layer {
  const { type } = config;
  if ((type === 'convolution' || type === 'maxPooling' || type === 'averagePooling') && shape.length !== 3)
    fail('pictures [H, W, C] to come in (put it before a "flatten")');
  switch (type) {
    case 'dense':
      if (shape.length !== 1) fail('a vector to come in (put a "flatten" before it)');
      return new Dense(shape, config.units, initialiser(config.initial, random, dataType));
    case 'convolution':
      return new Convolution(shape, config, initialiser(config.initial, random, dataType));
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
