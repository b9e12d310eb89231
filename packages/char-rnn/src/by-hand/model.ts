import { type RandomNumbers, shown, type StoredArray, UserError } from '@motley/run';
import { MatrixMemory, slice, type Matrix, type NumberType, type Values } from './matrices.ts';

export interface NetworkSizes {
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly layers: number;
}

/** Size of a batch: B `streams` of text in parallel, T `steps` of each. */
export interface Window {
  readonly streams: number;
  readonly steps: number;
}

/** A parameter, with its name and layout in PyTorch's `nn.RNN` (as `rnn`) and `nn.Linear` (as `output`). */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly value: Matrix;
  readonly gradient: Matrix;
  /** Adagrad's sum of squared gradients. */
  readonly squareSum: Matrix;
}

/** A layer of H units with D inputs. */
interface Layer {
  /** [H, D], [H, H], [1, H] */
  readonly input: Parameter;
  readonly recurrent: Parameter;
  readonly bias: Parameter;
  /** [D, H], [H, H] */
  readonly inputTransposed: Matrix;
  readonly recurrentTransposed: Matrix;
  /** h₀ to h_T: [(T + 1) B, H], a row for each stream of a step. */
  readonly states: Matrix;
  /** ∂L/∂h, overwritten by ∂L/∂z: [T B, H] */
  readonly gradient: Matrix;
}

/**
 * A recurrent network (Elman, 1990) that predicts the next symbol: Karpathy's min-char-rnn with several layers. For
 * each step t, with a one-hot input x and layers from the bottom up:
 *
 *   z₁ = W_ih x + b + W_hh h₁[t-1]     h₁ = tanh z₁
 *   z₂ = W_ih h₁ + b + W_hh h₂[t-1]    h₂ = tanh z₂
 *   y = W h₂ + b                       p = softmax y
 *
 * Forward and backward are written out on plain arrays. Products that do not depend on the previous step are computed
 * for all steps at once. The product with a one-hot x is a column of W_ih.
 */
export class RecurrentNetwork {
  readonly sizes: NetworkSizes;
  readonly window: Window;
  readonly type: NumberType;
  readonly parameters: readonly Parameter[];
  /** Holds all matrices of the network. */
  readonly memory: MatrixMemory;
  readonly #layers: readonly Layer[];
  readonly #output: { readonly weight: Parameter; readonly bias: Parameter; readonly weightTransposed: Matrix };
  /** y, overwritten by ∂L/∂y: [T B, V] */
  readonly #logits: Matrix;

  constructor(sizes: NetworkSizes, window: Window, type: NumberType = 'float32') {
    const { vocabularySize: V, hiddenSize: H, layers } = sizes;
    const rows = window.streams * window.steps;
    this.sizes = sizes;
    this.window = window;
    this.type = type;
    this.memory = new MatrixMemory(type);
    const parameters: Parameter[] = [];
    const parameter = (name: string, ...shape: readonly [number, number?]): Parameter => {
      const [rowCount, columns] = shape.length === 2 ? shape : [1, shape[0]];
      const allocate = () => this.memory.allocate(rowCount, columns!);
      const made = {
        name,
        shape: shape as readonly number[],
        value: allocate(),
        gradient: allocate(),
        squareSum: allocate(),
      };
      parameters.push(made);
      return made;
    };
    this.#layers = Array.from({ length: layers }, (_, index) => {
      const inputs = index === 0 ? V : H;
      return {
        input: parameter(`rnn.weight_ih_l${index}`, H, inputs),
        recurrent: parameter(`rnn.weight_hh_l${index}`, H, H),
        bias: parameter(`rnn.bias_ih_l${index}`, H),
        inputTransposed: this.memory.allocate(inputs, H),
        recurrentTransposed: this.memory.allocate(H, H),
        states: this.memory.allocate(rows + window.streams, H),
        gradient: this.memory.allocate(rows, H),
      };
    });
    this.#output = {
      weight: parameter('output.weight', V, H),
      bias: parameter('output.bias', V),
      weightTransposed: this.memory.allocate(H, V),
    };
    this.#logits = this.memory.allocate(rows, V);
    this.parameters = parameters;
  }

  /** Number of learned numbers. */
  parameterCount(): number {
    return this.parameters.reduce((sum, { value }) => sum + value.rows * value.columns, 0);
  }

  /** Draws weights from N(0, 1 / inputs), the first layer's from N(0, 1), as its inputs are one-hot. Biases are 0. */
  initialize(random: RandomNumbers): void {
    for (const { name, shape, value } of this.parameters) {
      const inputs = name === 'rnn.weight_ih_l0' ? 1 : shape[1];
      if (inputs === undefined) continue;
      const values = this.memory.valuesOf(value);
      values.set(random.fork(name).normalValues(values.length, 0, 1 / Math.sqrt(inputs)));
    }
    this.updateTransposes();
  }

  /** Must be called after parameters were changed from outside. */
  updateTransposes(): void {
    for (const layer of this.#layers) {
      this.memory.transpose(layer.input.value, layer.inputTransposed);
      this.memory.transpose(layer.recurrent.value, layer.recurrentTransposed);
    }
    this.memory.transpose(this.#output.weight.value, this.#output.weightTransposed);
  }

  /** A copy of the network for another window. */
  withWindow(window: Window): RecurrentNetwork {
    const copy = new RecurrentNetwork(this.sizes, window, this.type);
    copy.load(this.weights);
    return copy;
  }

  /** The parameters by name, not copied. */
  get weights(): Record<string, StoredArray> {
    return this.#arrays('value');
  }

  /** Adagrad's sums of squared gradients by the parameters' names, not copied. */
  get squareSums(): Record<string, StoredArray> {
    return this.#arrays('squareSum');
  }

  /** Copies weights in. @throws UserError naming the array that is missing or has another shape */
  load(weights: Readonly<Record<string, StoredArray>>): void {
    this.#set('value', weights);
    this.updateTransposes();
  }

  /** Copies Adagrad's sums in. @throws UserError naming the array that is missing or has another shape */
  loadSquareSums(squareSums: Readonly<Record<string, StoredArray>>): void {
    this.#set('squareSum', squareSums);
  }

  #arrays(kind: 'value' | 'squareSum'): Record<string, StoredArray> {
    return Object.fromEntries(
      this.parameters.map((parameter) => {
        return [parameter.name, { shape: parameter.shape, values: this.memory.valuesOf(parameter[kind]) }];
      }),
    );
  }

  #set(kind: 'value' | 'squareSum', arrays: Readonly<Record<string, StoredArray>>): void {
    for (const parameter of this.parameters) {
      const { name, shape } = parameter;
      const found = arrays[name];
      if (found?.shape.join() !== shape.join())
        throw new UserError(
          `checkpoint: expected ${shown(name)} [${shape.join(', ')}], found ${found === undefined ? 'none' : `[${found.shape.join(', ')}]`}`,
        );
      this.memory.valuesOf(parameter[kind]).set(found.values);
    }
  }

  /** Initial state h₀ of a layer for the next `forward`, not copied: [B, H]. */
  state(layer: number): Values {
    return this.memory.valuesOf(slice(this.#layers[layer]!.states, 0, this.window.streams));
  }

  /** States h₁ to h_T of a layer in the last `forward`, not copied: [T B, H]. */
  states(layer: number): Values {
    const { streams, steps } = this.window;
    return this.memory.valuesOf(slice(this.#layers[layer]!.states, streams, streams * steps));
  }

  /**
   * Clips the gradients, takes Adagrad's step, and zeros the gradients.
   * @param maxNorm largest norm of all gradients together; null for no limit
   * @param maxValue largest absolute value of a derivative; null for no limit
   */
  update(learningRate: number, maxNorm: number | null, maxValue: number | null): void {
    const scale = maxNorm === null ? 1 : Math.min(1, maxNorm / this.#gradientNorm());
    for (const { value, gradient, squareSum } of this.parameters)
      this.memory.adagrad(value, gradient, squareSum, learningRate, scale, maxValue ?? Infinity);
    this.updateTransposes();
  }

  #gradientNorm(): number {
    return Math.sqrt(this.parameters.reduce((sum, { gradient }) => sum + this.memory.sumOfSquares(gradient), 0));
  }

  /** Sets the state of every layer to zeros. */
  resetState(): void {
    for (const layer of this.#layers.keys()) this.state(layer).fill(0);
  }

  /** Makes the state after `steps` steps of the last `forward` the initial state of the next. */
  carryState(steps: number): void {
    const { streams } = this.window;
    for (const [layer, { states }] of this.#layers.entries())
      this.state(layer).set(this.memory.valuesOf(slice(states, steps * streams, streams)));
  }

  /** h of a layer after each step of the last `forward`, not copied: [T B, H]. */
  hidden(layer: number): Values {
    const { streams, steps } = this.window;
    return this.memory.valuesOf(slice(this.#layers[layer]!.states, streams, steps * streams));
  }

  /**
   * Reads symbols, starting from the current state, and leaves that state as it is: see `carryState`.
   * @param inputs [T B] step by step: the first symbols of all streams, then the second ones, …; at most a window
   * @returns logits y [T B, V], which the next call overwrites
   */
  forward(inputs: Int32Array): Matrix {
    const { memory, window } = this;
    const { streams } = window;
    const rows = inputs.length;
    let below: Matrix | undefined;
    for (const { bias, inputTransposed, recurrentTransposed, states } of this.#layers) {
      const after = slice(states, streams, rows);
      memory.fillRows(after, bias.value);
      if (below === undefined) memory.addEmbedding(after, inputTransposed, inputs);
      else memory.addProduct(after, below, inputTransposed);
      for (let row = 0; row < rows; row += streams) {
        const now = slice(after, row, streams);
        memory.addProduct(now, slice(states, row, streams), recurrentTransposed);
        memory.tanh(now);
      }
      below = after;
    }
    const { bias, weightTransposed } = this.#output;
    const logits = slice(this.#logits, 0, rows);
    memory.fillRows(logits, bias.value);
    memory.addProduct(logits, below!, weightTransposed);
    return logits;
  }

  /**
   * Backpropagation through the steps of the last `forward`. Adds to the parameters' gradients.
   * @param inputs the inputs of that `forward`
   * @param logitsGradient ∂L/∂y [T B, V]; may be the matrix that `forward` returned, overwritten
   */
  backward(inputs: Int32Array, logitsGradient: Matrix): void {
    const { memory, window } = this;
    const { streams } = window;
    const rows = inputs.length;
    const { weight, bias: outputBias } = this.#output;
    memory.addRows(outputBias.gradient, logitsGradient);
    memory.addTransposedProduct(weight.gradient, logitsGradient, slice(this.#layers.at(-1)!.states, streams, rows));
    let [fromAbove, weightAbove] = [logitsGradient, weight.value];
    for (const [index, layer] of [...this.#layers.entries()].reverse()) {
      const { input, recurrent, bias, states } = layer;
      const gradient = slice(layer.gradient, 0, rows);
      memory.clear(gradient);
      memory.addProduct(gradient, fromAbove, weightAbove); // ∂L/∂h = Wᵀ ∂L/∂y from above
      for (let row = rows - streams; row >= 0; row -= streams) {
        const now = slice(gradient, row, streams);
        // + W_hhᵀ ∂L/∂z[t+1]
        if (row + streams < rows) memory.addProduct(now, slice(gradient, row + streams, streams), recurrent.value);
        memory.tanhBackward(now, slice(states, row + streams, streams));
      }
      memory.addRows(bias.gradient, gradient);
      memory.addTransposedProduct(recurrent.gradient, gradient, slice(states, 0, rows));
      if (index === 0) memory.addEmbeddingGradient(input.gradient, gradient, inputs);
      else memory.addTransposedProduct(input.gradient, gradient, slice(this.#layers[index - 1]!.states, streams, rows));
      [fromAbove, weightAbove] = [gradient, input.value];
    }
  }
}
