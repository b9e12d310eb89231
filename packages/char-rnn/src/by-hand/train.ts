import {
  NetworkLearner,
  RandomNumbers,
  runTraining,
  stepSchedule,
  UserError,
  type NamedArrays,
  type RunContext,
  type TrainingResult,
} from '@motley/run';
import type { ByHandConfig } from './config.ts';
import { createNetwork } from './create-network.ts';
import type { TextData } from './data.ts';
import { measure } from './evaluate.ts';
import { crossEntropy } from './loss.ts';
import type { RecurrentNetwork } from './model.ts';
import { sample } from './sample.ts';

const SAMPLE_TEMPERATURE = 1;

/** One window of each stream, at the same position in each. */
interface Window {
  /** Whether the streams begin here, with a state of 0. */
  readonly isFirst: boolean;
  /** [T B] */
  readonly inputs: Int32Array;
  /** [T B], the symbols after the inputs. */
  readonly targets: Int32Array;
}

/**
 * Trains a network. The returned model has the weights with the lowest validation loss.
 * @throws UserError if the text is too short, or the checkpoint is of another network
 */
export async function train(
  config: ByHandConfig,
  data: TextData,
  { print, ...context }: RunContext & { readonly print?: (line: string) => void } = {},
): Promise<{ readonly model: RecurrentNetwork; readonly result: TrainingResult }> {
  const settings = config.training;
  const { learningRate, decayEverySteps, decayFactor, maxGradientNorm, maxGradientValue, sampleEverySteps } = settings;
  const model = createNetwork(config, data.vocabulary.tokenizer.vocabularySize);
  const batches = windowsOf(data.training, settings);
  const schedule = stepSchedule({ learningRate, everySteps: decayEverySteps, factor: decayFactor });
  const learner = new NetworkLearner<Window>({
    parameterCount: () => model.parameterCount(),
    // With the vocabulary, a checkpoint needs no text.
    weights: () => ({ ...model.weights, vocabulary: vocabularyArray(data) }),
    slots: () => ({ ...model.squareSums, ...statesOf(model) }),
    loadWeights: (weights) => {
      model.load(weights);
    },
    loadSlots: (slots) => {
      model.loadSquareSums(slots);
      for (const [name, { values }] of Object.entries(statesOf(model))) values.set(slots[name]!.values);
    },
    update({ isFirst, inputs, targets }, step) {
      if (isFirst) model.resetState();
      const logits = model.forward(inputs);
      // Sum over the steps of a window, as in min-char-rnn; mean over streams.
      const loss = crossEntropy(model.memory.valuesOf(logits), targets, 1 / settings.batchSize);
      model.backward(inputs, logits);
      model.update(schedule(step), maxGradientNorm, maxGradientValue);
      model.carryState(settings.sequenceLength);
      return { examples: inputs.length, terms: { loss } };
    },
  });
  const printSample = (step: number): void => {
    if (sampleEverySteps === null || step % sampleEverySteps !== 0) return;
    const { tokenizer } = data.vocabulary;
    const random = RandomNumbers.fromSeed(settings.seed).fork('samples').fork(step);
    const first = data.training.subarray(0, 1);
    const generated = sample(model, first, settings.sampleLength, SAMPLE_TEMPERATURE, random);
    print?.(`--- after ${step} steps:\n${tokenizer.decode([...first, ...generated])}\n---`);
  };
  const result = await runTraining(learner, settings, {
    ...context,
    batches,
    schedule,
    validate: () => Promise.resolve(measure(model, data)),
    afterUpdate: printSample,
  });
  // Metrics of the weights that the network ends with.
  const { bestValidation: validation } = result.metrics;
  return { model, result: { ...result, ...(validation && { metrics: { validation } }) } };
}

/** @throws UserError if a stream is shorter than a window and the next symbol */
function windowsOf(text: Int32Array, { batchSize, sequenceLength }: ByHandConfig['training']) {
  const streamLength = Math.floor(text.length / batchSize);
  const batchesPerEpoch = Math.floor((streamLength - 1) / sequenceLength);
  if (batchesPerEpoch < 1)
    throw new UserError(
      `training text: expected ${sequenceLength + 1} symbols or more (training.sequenceLength and the next) for each ` +
        `of ${batchSize} streams (training.batchSize), found ${text.length} in all`,
    );
  const symbolsAt = (place: number): Int32Array => {
    if (batchSize === 1) return text.subarray(place, place + sequenceLength);
    const symbols = new Int32Array(batchSize * sequenceLength);
    for (let step = 0, to = 0; step < sequenceLength; step++)
      for (let stream = 0; stream < batchSize; stream++) symbols[to++] = text[stream * streamLength + place + step]!;
    return symbols;
  };
  function* batches(_epoch: number, firstBatch = 0): Generator<Window> {
    for (let index = firstBatch; index < batchesPerEpoch; index++) {
      const place = index * sequenceLength;
      yield { isFirst: index === 0, inputs: symbolsAt(place), targets: symbolsAt(place + 1) };
    }
  }
  return { batchesPerEpoch, batches };
}

function vocabularyArray({ vocabulary: { codes } }: TextData) {
  return { shape: [codes.length], values: codes };
}

/** State of each layer carried between windows, [B, H]; not copied. */
function statesOf(network: RecurrentNetwork): NamedArrays {
  const { streams } = network.window;
  const { hiddenSize, layers } = network.sizes;
  return Object.fromEntries(
    Array.from({ length: layers }, (_, layer) => {
      return [`state.${layer}`, { shape: [streams, hiddenSize], values: network.state(layer) }] as const;
    }),
  );
}
