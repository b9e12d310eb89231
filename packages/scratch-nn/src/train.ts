import {
  copyArrays,
  cosineSchedule,
  NetworkLearner,
  planTraining,
  RandomNumbers,
  runTraining,
  UserError,
  type RunContext,
  type TrainingResult,
} from '@motley/run';
import type { ScratchConfig } from './config.ts';
import { batchCount, batches, type Batch, type PictureSets } from './data.ts';
import { measure } from './evaluate.ts';
import { Network } from './model.ts';
import { createOptimizer } from './optimizers.ts';
import { CLASSES } from './shapes.ts';

/**
 * Creates the configured network, with the initial weights of the seed.
 * @throws UserError if the layers do not fit the pictures, one another or the classes
 */
export function createNetwork({ model, data, training }: ScratchConfig): Network {
  const random = RandomNumbers.fromSeed(training.seed).fork('weights');
  const network = new Network(model, [data.size, data.size, 1], random);
  const { outputShape } = network;
  if (outputShape.length !== 1 || outputShape[0] !== CLASSES.length)
    throw new UserError(
      `model.layers: expected the last layer to give ${CLASSES.length} values, one for each class, got [${outputShape.join(', ')}]`,
    );
  return network;
}

/**
 * Trains a network, and evaluates the weights with the lowest validation loss on the test pictures.
 * @throws UserError if the configuration does not fit
 * @throws NonFiniteLossError naming the step
 */
export async function train(
  config: ScratchConfig,
  pictures: PictureSets,
  context: RunContext = {},
): Promise<{ readonly model: Network; readonly result: TrainingResult }> {
  const { batchSize, learningRate, optimizer: optimizerName, seed, ...lengths } = config.training;
  const model = createNetwork(config);
  const random = RandomNumbers.fromSeed(seed);
  const source = {
    batchesPerEpoch: batchCount(pictures.training, batchSize),
    batches: (epoch: number, firstBatch?: number) => {
      const order = random.fork('order').fork(epoch).permutation(pictures.training.labels.length);
      return batches(pictures.training, batchSize, order, firstBatch);
    },
  };
  const { totalSteps } = planTraining(lengths, source);
  // Factor on the learning rate of each parameter.
  const fraction = cosineSchedule({ learningRate: 1, totalSteps });
  const optimizer = createOptimizer(optimizerName, model.parameters);
  const weights = () => Object.fromEntries(model.state);
  const slots = () => Object.fromEntries(optimizer.slots);
  const learner = new NetworkLearner<Batch>({
    parameterCount: () => model.parameterCount(),
    weights,
    slots,
    loadWeights: (saved) => {
      copyArrays(weights(), saved, 'weights');
    },
    loadSlots: (saved) => {
      copyArrays(slots(), saved, 'optimizer');
    },
    update({ inputs, targets, labels }, step) {
      const { loss, penalty } = model.differentiate(inputs, targets, random.fork('dropout').fork(step));
      optimizer.update(step + 1, (own = learningRate) => own * fraction(step));
      return { examples: labels.length, terms: { loss, penalty } };
    },
  });
  const result = await runTraining(
    learner,
    { ...lengths, logEverySteps: source.batchesPerEpoch },
    {
      ...context,
      batches: source,
      schedule: (step) => learningRate * fraction(step),
      validate: () => Promise.resolve(measure(model, pictures.validation)),
      test: () => Promise.resolve(measure(model, pictures.test)),
    },
  );
  return { model, result };
}
