import { type RandomNumbers, type StoredArray, UserError } from '@motley/run';
import { MatrixMemory, slice, type Matrix, type NumberType, type Values } from './matrices.ts';

export interface NetworkSizes {
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly layers: number;
}

/** How much of a text the network works on at once: `streams` B of it side by side, `steps` T of each. */
export interface Window {
  readonly streams: number;
  readonly steps: number;
}

/** Trained numbers, named and laid out as in PyTorch's `nn.RNN` (as `rnn`) and `nn.Linear` (as `output`). */
export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly value: Matrix;
  readonly gradient: Matrix;
  /** Adagrad's: the sum of squared gradients. */
  readonly memory: Matrix;
}

/** A layer of H units above D inputs. */
interface Layer {
  /** [H, D], [H, H], [1, H] */
  readonly input: Parameter;
  readonly recurrent: Parameter;
  readonly bias: Parameter;
  /** [D, H], [H, H] */
  readonly inputTransposed: Matrix;
  readonly recurrentTransposed: Matrix;
  /** h₀ to h_T: [(T + 1) B, H], a row for each stream, step after step. */
  readonly states: Matrix;
  /** ∂L/∂h, then ∂L/∂z: [T B, H] */
  readonly gradient: Matrix;
}

/**
 * A recurrent network (Elman, 1990) that reads symbols and predicts the next, after Karpathy's min-char-rnn, with a layer
 * upon a layer. For each step t, x one-hot columns, layers from below:
 *
 *   z₁ = W_ih x + b + W_hh h₁[t-1]     h₁ = tanh z₁
 *   z₂ = W_ih h₁ + b + W_hh h₂[t-1]    h₂ = tanh z₂
 *   y = W h₂ + b                       p = softmax y
 *
 * Forward and backward are written out on plain arrays. What of a product does not wait for the step before is done
 * for all steps at once; a one-hot column's product is a column of the matrix.
 */
export class RecurrentNetwork {
  readonly sizes: NetworkSizes;
  readonly window: Window;
  readonly type: NumberType;
  readonly parameters: readonly Parameter[];
  /** Of all matrices here. */
  readonly memory: MatrixMemory;
  readonly #layers: readonly Layer[];
  readonly #output: { readonly weight: Parameter; readonly bias: Parameter; readonly weightTransposed: Matrix };
  /** y, then ∂L/∂y: [T B, V] */
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
        memory: allocate(),
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

  parameterCount(): number {
    return this.parameters.reduce((sum, { value }) => sum + value.rows * value.columns, 0);
  }

  /**
   * Weights from N(0, 1 / inputs); of the first layer from N(0, 1), for of its inputs all but one are always 0. Biases 0.
   */
  initialise(random: RandomNumbers): void {
    for (const { name, shape, value } of this.parameters) {
      const inputs = name === 'rnn.weight_ih_l0' ? 1 : shape[1];
      if (inputs === undefined) continue;
      const values = this.memory.valuesOf(value);
      values.set(random.fork(name).normalValues(values.length, 0, 1 / Math.sqrt(inputs)));
    }
    this.parametersChanged();
  }

  /** To be called once the values of parameters are other ones. */
  parametersChanged(): void {
    for (const layer of this.#layers) {
      this.memory.transpose(layer.input.value, layer.inputTransposed);
      this.memory.transpose(layer.recurrent.value, layer.recurrentTransposed);
    }
    this.memory.transpose(this.#output.weight.value, this.#output.weightTransposed);
  }

  /** The same network, its parameters copied, for another window. */
  withWindow(window: Window): RecurrentNetwork {
    const copy = new RecurrentNetwork(this.sizes, window, this.type);
    copy.load(this.weights);
    return copy;
  }

  /** The parameters by name, not copied. */
  get weights(): Record<string, StoredArray> {
    return this.#arrays('value');
  }

  /** Adagrad's memories by the parameters' names, not copied. */
  get memories(): Record<string, StoredArray> {
    return this.#arrays('memory');
  }

  /** @throws UserError naming the array that is missing or is another one's */
  load(weights: Readonly<Record<string, StoredArray>>): void {
    this.#set('value', weights);
    this.parametersChanged();
  }

  /** @throws UserError as `load` */
  loadMemories(memories: Readonly<Record<string, StoredArray>>): void {
    this.#set('memory', memories);
  }

  #arrays(kind: 'value' | 'memory'): Record<string, StoredArray> {
    return Object.fromEntries(
      this.parameters.map((parameter) => {
        return [parameter.name, { shape: parameter.shape, values: this.memory.valuesOf(parameter[kind]) }];
      }),
    );
  }

  #set(kind: 'value' | 'memory', arrays: Readonly<Record<string, StoredArray>>): void {
    for (const parameter of this.parameters) {
      const { name, shape } = parameter;
      const found = arrays[name];
      if (found?.shape.join() !== shape.join())
        throw new UserError(
          `checkpoint: expected "${name}" [${shape.join(', ')}], found ${found === undefined ? 'none' : `[${found.shape.join(', ')}]`}`,
        );
      this.memory.valuesOf(parameter[kind]).set(found.values);
    }
  }

  /** h₀ of a layer, a row for each stream [B, H]: what the next `forward` goes on from. */
  state(layer: number): Values {
    return this.memory.valuesOf(slice(this.#layers[layer]!.states, 0, this.window.streams));
  }

  /**
   * Adagrad's step: the gradients are cut, update the parameters, and are 0 again.
   * @param maxNorm to which all gradients together are scaled where they are longer
   * @param maxValue into which, plus or minus, each derivative is cut
   */
  update(learningRate: number, maxNorm: number | null, maxValue: number | null): void {
    const scale = maxNorm === null ? 1 : Math.min(1, maxNorm / this.#gradientNorm());
    for (const { value, gradient, memory } of this.parameters)
      this.memory.adagrad(value, gradient, memory, learningRate, scale, maxValue ?? Infinity);
    this.parametersChanged();
  }

  #gradientNorm(): number {
    return Math.sqrt(this.parameters.reduce((sum, { gradient }) => sum + this.memory.sumOfSquares(gradient), 0));
  }

  /** Forgets what was read. */
  resetState(): void {
    for (const layer of this.#layers.keys()) this.state(layer).fill(0);
  }

  /** Makes the state after `steps` of the last `forward` the one to go on from. */
  carryState(steps: number): void {
    const { streams } = this.window;
    for (const [layer, { states }] of this.#layers.entries())
      this.state(layer).set(this.memory.valuesOf(slice(states, steps * streams, streams)));
  }

  /** h of a layer after each step of the last `forward`: [T B, H]. */
  hidden(layer: number): Values {
    const { streams, steps } = this.window;
    return this.memory.valuesOf(slice(this.#layers[layer]!.states, streams, steps * streams));
  }

  /**
   * Reads symbols from the state on. `carryState` moves on.
   * @param inputs [T B], all streams' first symbols, then all their second ones, …; at most the window's
   * @returns y [T B, V], which the next call overwrites
   */
  forward(inputs: Int32Array): Matrix {
    const { memory, window } = this;
    const { streams } = window;
    const rows = inputs.length;
    let below: Matrix | undefined;
    for (const { bias, inputTransposed, recurrentTransposed, states } of this.#layers) {
      const after = slice(states, streams, rows);
      memory.fillRows(after, bias.value);
      if (below === undefined) memory.addRowsOf(after, inputTransposed, inputs);
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
   * Adds to the parameters' gradients those of a loss, back through all steps of the last `forward` and no further.
   * @param inputs those of `forward`
   * @param logitsGradient ∂L/∂y [T B, V]: the matrix of `forward`, with the gradient in its place
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
      memory.addProduct(gradient, fromAbove, weightAbove); // ∂L/∂h = Wᵀ ∂L/∂y, of what is above
      for (let row = rows - streams; row >= 0; row -= streams) {
        const now = slice(gradient, row, streams);
        if (row + streams < rows) memory.addProduct(now, slice(gradient, row + streams, streams), recurrent.value); // + W_hhᵀ ∂L/∂z[t+1]
        memory.throughTanh(now, slice(states, row + streams, streams));
      }
      memory.addRows(bias.gradient, gradient);
      memory.addTransposedProduct(recurrent.gradient, gradient, slice(states, 0, rows));
      if (index === 0) memory.addToColumns(input.gradient, gradient, inputs);
      else memory.addTransposedProduct(input.gradient, gradient, slice(this.#layers[index - 1]!.states, streams, rows));
      [fromAbove, weightAbove] = [gradient, input.value];
    }
  }
}
