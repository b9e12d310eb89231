import { decodeArrays, encodeArrays, type NamedArrays } from '../checkpoint/arrays.ts';
import type { Metrics, SavedState } from './events.ts';
import type { Learner, StepTerms } from './learner.ts';
import { requireFinite } from './non-finite-error.ts';

/** Network on typed arrays with its optimizer. */
export interface TrainableNetwork<Batch> {
  parameterCount(): number;
  /**
   * Makes one update.
   * @param step updates made before
   * @returns the loss and other logged terms, as means over the examples
   */
  update(batch: Batch, step: number): { readonly examples: number; readonly terms: Metrics };
  /** Parameters and buffers by name. */
  weights(): NamedArrays;
  /** Optimizer slots, and any state carried from batch to batch. */
  slots(): NamedArrays;
  /** @throws UserError where the arrays belong to another network */
  loadWeights(weights: NamedArrays): void;
  /** @throws UserError where the arrays belong to another optimizer */
  loadSlots(slots: NamedArrays): void;
}

/** Learner of a network on typed arrays, for `runTraining`. */
export class NetworkLearner<Batch> implements Learner<Batch> {
  readonly #network: TrainableNetwork<Batch>;
  #terms: StepTerms[] = [];

  constructor(network: TrainableNetwork<Batch>) {
    this.#network = network;
  }

  parameterCount(): number {
    return this.#network.parameterCount();
  }

  /** @throws NonFiniteLossError naming the step and the term */
  update([batch]: readonly Batch[], step: number): number {
    const { examples, terms } = this.#network.update(batch!, step);
    requireFinite(terms, `step ${step + 1}`, step + 1, '; try a lower training.learningRate');
    this.#terms.push({ step: step + 1, weight: examples, terms });
    return examples;
  }

  readTerms(): Promise<readonly StepTerms[]> {
    const terms = this.#terms;
    this.#terms = [];
    return Promise.resolve(terms);
  }

  encode(): Promise<SavedState> {
    return Promise.resolve({
      weights: encodeArrays(this.#network.weights()),
      optimizer: encodeArrays(this.#network.slots()),
    });
  }

  restore({ weights, optimizer }: SavedState): void {
    this.#network.loadWeights(decodeArrays(weights, 'weights'));
    this.#network.loadSlots(decodeArrays(optimizer, 'optimizer'));
  }

  evaluating<T>(run: () => Promise<T>): Promise<T> {
    return run();
  }

  finish(weights?: Uint8Array): void {
    if (weights !== undefined) this.#network.loadWeights(decodeArrays(weights, 'weights'));
  }
}
