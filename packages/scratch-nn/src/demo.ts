import { activations, choice, curves, defineDemo, labels, sketch, slider, streamedText } from '@motley/core/demo';
import { copyArrays, RandomNumbers } from '@motley/run';
import { NdArray } from './array.ts';
import type { ScratchConfig } from './config.ts';
import { batches, drawPictures, type Pictures } from './data.ts';
import { outputMap, weightMap } from './demo-maps.ts';
import { measure } from './evaluate.ts';
import { Network } from './model.ts';
import { createOptimizer, type Optimizer } from './optimizers.ts';
import { predict } from './predict.ts';
import { CLASSES } from './shapes.ts';

const TRAINED = 'as the run trained it';
const NEW = 'with new weights';
const LEARNING = 'learning now';

/** Pictures of the training in the page. */
const TRAINING_PICTURES = 1200;
const HELD_OUT_PICTURES = 200;
const MAX_EPOCHS = 30;
/** Time between two views of the network that learns. */
const VIEW_IN_MS = 120;

interface Learning {
  readonly network: Network;
  readonly optimizer: Optimizer;
  step: number;
  epoch: number;
  readonly losses: number[];
  readonly heldOut: { readonly step: number; readonly loss: number }[];
}

interface Loaded {
  readonly config: ScratchConfig;
  readonly trained: Network;
  /** Network with new weights, which learns in the page. */
  fresh: Learning;
  /** Pictures of the training in the page, drawn when it begins. */
  pictures: { readonly training: Pictures; readonly heldOut: Pictures } | undefined;
  lastChoice: string;
}

function networkOf({ model, data }: ScratchConfig, seed: number): Network {
  return new Network(model, [data.size, data.size, 1], RandomNumbers.fromSeed(seed).fork('weights'));
}

function begin(config: ScratchConfig, seed: number): Learning {
  const network = networkOf(config, seed);
  const optimizer = createOptimizer(config.training.optimizer, network.parameters);
  return { network, optimizer, step: 0, epoch: 0, losses: [], heldOut: [] };
}

/** Prediction for a drawing, with the values of the layers and their weights. */
function look(network: Network, { model, data }: ScratchConfig, drawing: Float32Array) {
  // Training pictures are black and white.
  const pixels = drawing.map((value) => (value > 0.5 ? 1 : 0));
  const image = NdArray.from(pixels, [1, data.size, data.size, 1]);
  const [prediction] = predict(network, image);
  const outputs = network.layerOutputs(image);
  const names = model.layers.map(({ type }, index) => `${index + 1} ${type}`);
  const weights = [...network.parameters].filter(([name]) => name.endsWith('.weight'));
  return {
    classes: CLASSES.map((label, index) => ({ label, score: prediction!.outputs[index]! })),
    activations: outputs.map((output, index) => outputMap(names[index]!, output)),
    weights: weights.map(([name, { value }]) => weightMap(names[Number(name.split('.')[1])]!, value)),
  };
}

function progressOf({ epoch, step, losses, heldOut }: Learning) {
  const training = Float32Array.from(smooth(losses));
  return {
    progress: [
      { name: 'training loss', x: training.map((_, index) => index + 1), y: training },
      {
        name: 'held-out loss',
        x: Float32Array.from(heldOut, (each) => each.step),
        y: Float32Array.from(heldOut, ({ loss }) => loss),
      },
    ],
    state: step === 0 ? 'Not trained yet.' : `Step ${step}, epoch ${epoch + 1}.`,
  };
}

/** Exponential moving average, without a bias towards 0 at the start. */
function smooth(values: readonly number[]): number[] {
  let [sum, weight] = [0, 0];
  return values.map((value) => {
    [sum, weight] = [0.9 * sum + value, 0.9 * weight + 1];
    return sum / weight;
  });
}

/** Draw a figure; watch a network learn to name it, without a framework. */
export default defineDemo({
  title: 'Watch a network learn',
  description:
    'Every layer and derivative here is written by hand. Draw a cross, a circle, a horizontal or a vertical line, and let a network with new weights learn in this page: its activations and weights change as you look.',
  inputs: ({ config }: Loaded) => ({
    drawing: sketch({
      size: config.data.size,
      of: 'white on black',
      label: 'Drawing',
      hint: 'Lines of one pixel, as in the training pictures. The network sees black and white.',
      examples: {
        count: 100,
        make: (index) => {
          const { images } = drawPictures(config.data, 1 + (index % 8), RandomNumbers.fromSeed(index).fork('demo'));
          const size = config.data.size ** 2;
          return Float32Array.from(images.values.subarray((index % 8) * size, ((index % 8) + 1) * size));
        },
      },
    }),
    network: choice({ options: [TRAINED, NEW, LEARNING], default: TRAINED, label: 'Network' }),
    learningRate: slider({ min: -4, max: -1, default: -2.7, step: 0.1, label: 'Learning rate, as a power of ten' }),
    seed: slider({ min: 0, max: 20, default: 0, step: 1, label: 'Seed of the new weights' }),
  }),
  outputs: {
    classes: labels({ top: CLASSES.length, label: 'Figure' }),
    state: streamedText({ label: 'Training in this page' }),
    progress: curves({ label: 'Loss of the training in this page' }),
    activations: activations({ label: 'Activations of the drawing, layer by layer' }),
    weights: activations({ label: 'Weights' }),
  },
  load: async ({ weights, config }): Promise<Loaded> => {
    const settings = config as ScratchConfig;
    const trained = networkOf(settings, 0);
    const saved: Record<string, { readonly shape: readonly number[]; readonly values: Float32Array }> = {};
    for (const [name, tensor] of Object.entries(weights))
      saved[name] = { shape: tensor.shape, values: await tensor.data<'float32'>() };
    copyArrays(Object.fromEntries(trained.state), saved, 'weights');
    return { config: settings, trained, fresh: begin(settings, 0), pictures: undefined, lastChoice: '' };
  },
  run: async (loaded, values, { signal, emit }) => {
    const { config } = loaded;
    const choiceNow = `${values.network} ${values.seed}`;
    if (values.network !== TRAINED && choiceNow !== loaded.lastChoice) loaded.fresh = begin(config, values.seed);
    loaded.lastChoice = choiceNow;
    if (values.network === TRAINED) return { ...look(loaded.trained, config, values.drawing), state: '', progress: [] };
    const { fresh } = loaded;
    const view = () => ({ ...look(fresh.network, config, values.drawing), ...progressOf(fresh) });
    if (values.network === NEW) return view();
    const draw = (count: number, part: string) =>
      drawPictures(config.data, count, RandomNumbers.fromSeed(values.seed).fork(part));
    loaded.pictures ??= {
      training: draw(TRAINING_PICTURES, 'training in a page'),
      heldOut: draw(HELD_OUT_PICTURES, 'held out in a page'),
    };
    const { training, heldOut } = loaded.pictures;
    const noise = RandomNumbers.fromSeed(values.seed);
    const isOver = (): boolean => signal.aborted || fresh.epoch >= MAX_EPOCHS;
    let shownAt = performance.now();
    while (!isOver()) {
      const order = noise.fork('order').fork(fresh.epoch).permutation(training.labels.length);
      for (const { inputs, targets } of batches(training, config.training.batchSize, order)) {
        const { loss } = fresh.network.differentiate(inputs, targets, noise.fork('dropout').fork(fresh.step));
        fresh.step++;
        fresh.optimizer.update(fresh.step, (own) => own ?? 10 ** values.learningRate);
        fresh.losses.push(loss);
        if (performance.now() - shownAt < VIEW_IN_MS) continue;
        await emit(view());
        if (isOver()) return view();
        shownAt = performance.now();
      }
      fresh.epoch++;
      fresh.heldOut.push({ step: fresh.step, loss: measure(fresh.network, heldOut).loss });
    }
    return view();
  },
});
