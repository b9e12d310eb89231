import { RandomStream, type StateDict } from '@motley/core';
import { activations, choice, curves, defineDemo, slider, streamedText, text } from '@motley/core/demo';
import type { Tokenizer } from '@motley/core/text';
import { RandomNumbers, type StoredArray, UserError } from '@motley/run';
import type { ByHandConfig } from './by-hand/config.ts';
import { createNetwork } from './by-hand/create-network.ts';
import { LiveTraining } from './by-hand/live-training.ts';
import { symbolStream as symbolsByHand } from './by-hand/sample.ts';
import type { CharRnnConfig } from './config.ts';
import { restoreModel, vocabularyOfCheckpoint } from './create-model.ts';
import { symbolStream } from './sample.ts';
import { encode, promptSymbols, tokenizerOf } from './vocabulary.ts';

const TRAINED = 'as the run trained it';
const LEARNING = 'by hand, learning now';

const MAX_STEPS = 20_000;
/** Time between two views of the network that learns. */
const VIEW_IN_MS = 200;
const LETTERS_OF_A_VIEW = 200;

/** Emily Dickinson, 1891. */
const POEM = `Hope is the thing with feathers
That perches in the soul,
And sings the tune without the words,
And never stops at all,

And sweetest in the gale is heard;
And sore must be the storm
That could abash the little bird
That kept so many warm.
`;

interface Loaded {
  readonly tokenizer: Tokenizer;
  /** Symbols that continue those of a prompt, one by one. */
  readonly write: (
    start: Int32Array,
    length: number,
    temperature: number,
    seed: number,
  ) => Iterable<number> | AsyncIterable<number>;
  readonly dispose: () => void;
}

async function loadLstm(config: CharRnnConfig, weights: StateDict): Promise<Loaded> {
  const tokenizer = tokenizerOf(await vocabularyOfCheckpoint(weights), config.data.level);
  const model = await restoreModel(config, weights);
  async function* write(start: Int32Array, length: number, temperature: number, seed: number) {
    const random = RandomStream.fromSeed(seed).fork('sample');
    const options = { temperature, topK: null, topP: 1 };
    for await (const { symbol } of symbolStream(model, start, length, options, random)) yield symbol;
  }
  return {
    tokenizer,
    write,
    dispose: () => {
      model.dispose();
    },
  };
}

/** Network of a run of the system by hand. */
async function loadByHand(config: ByHandConfig, weights: StateDict): Promise<Loaded> {
  const { vocabulary } = weights;
  if (vocabulary === undefined) throw new UserError('checkpoint: expected "vocabulary" int32, found none');
  const tokenizer = tokenizerOf(await vocabulary.data<'int32'>(), config.data.level);
  const network = createNetwork(config, tokenizer.vocabularySize);
  const arrays: Record<string, StoredArray> = {};
  for (const { name } of network.parameters) {
    const tensor = weights[name];
    if (tensor !== undefined) arrays[name] = { shape: tensor.shape, values: await tensor.data<'float32'>() };
  }
  network.load(arrays);
  return {
    tokenizer,
    write: (start, length, temperature, seed) =>
      symbolsByHand(network, start, length, temperature, RandomNumbers.fromSeed(seed).fork('sample')),
    dispose: () => undefined,
  };
}

/** Let a network write, letter by letter, and watch one learn a text. */
export default defineDemo({
  title: 'Write, letter by letter',
  description:
    'Give a beginning, and the network of the run continues it. Or give a text, and a recurrent network without a tensor library learns it in this page, from new weights.',
  isStarted: true,
  inputs: {
    beginning: text({ lines: 3, maxLength: 1000, default: '', label: 'Beginning', hint: 'May be empty.' }),
    temperature: slider({
      min: 0,
      max: 2,
      default: 0.8,
      step: 0.05,
      label: 'Temperature',
      hint: 'At 0 it takes the most probable letter; higher is more daring.',
    }),
    length: slider({ min: 50, max: 2000, default: 400, step: 50, label: 'Letters' }),
    seed: slider({ min: 0, max: 20, default: 0, step: 1, label: 'Seed' }),
    network: choice({ options: [TRAINED, LEARNING], default: TRAINED, label: 'Network' }),
    lesson: text({ lines: 8, maxLength: 100_000, default: POEM, label: 'Text to learn in this page' }),
  },
  outputs: {
    text: streamedText({ label: 'Text' }),
    state: streamedText({ label: 'Training in this page' }),
    progress: curves({ label: 'Loss of the training in this page, nats per letter' }),
    hidden: activations({ label: 'Hidden units while it reads' }),
    weights: activations({ label: 'Weights of the network that learns' }),
  },
  load: ({ weights, config }): Promise<Loaded> =>
    'rnn.weight_ih_l0' in weights
      ? loadByHand(config as ByHandConfig, weights)
      : loadLstm(config as CharRnnConfig, weights),
  run: async ({ tokenizer, write }, values, { signal, emit }) => {
    const { beginning, temperature, seed } = values;
    if (values.network === TRAINED) {
      const start = beginning === '' ? promptSymbols(tokenizer, '') : encode(tokenizer, beginning, 'beginning');
      const symbols: number[] = [];
      for await (const symbol of write(start, values.length, temperature, seed)) {
        symbols.push(symbol);
        await emit({ text: beginning + tokenizer.decode(symbols) });
        if (signal.aborted) break;
      }
      return { text: beginning + tokenizer.decode(symbols), state: '', progress: [], hidden: [], weights: [] };
    }
    const training = new LiveTraining(values.lesson, seed);
    const view = () => ({
      ...training.view(),
      text: beginning + training.write(beginning, Math.min(values.length, LETTERS_OF_A_VIEW), temperature),
    });
    let shownAt = -Infinity;
    while (training.step < MAX_STEPS) {
      training.update();
      if (performance.now() - shownAt < VIEW_IN_MS) continue;
      await emit(view());
      if (signal.aborted) break;
      shownAt = performance.now();
    }
    return view();
  },
  dispose: ({ dispose }) => {
    dispose();
  },
});
