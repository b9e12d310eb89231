import { choice, defineDemo, type HeatMap, heatMap, streamedText, text } from '@motley/core/demo';
import type { Tokenizer } from '@motley/core/text';
import { attentionOf, type AttentionWeights } from './attention.ts';
import type { TransformerConfig } from './config.ts';
import { restoreModel, tokenizerOfCheckpoint } from './create-model.ts';
import type { Transformer } from './model.ts';
import { Translator } from './predict.ts';
import { FRAME, symbolLabels } from './vocabulary.ts';

interface Loaded {
  readonly model: Transformer;
  readonly tokenizer: Tokenizer;
  readonly translator: Translator;
}

const layerName = (index: number): string => `layer ${index + 1}`;

/** Names of the decoder's layers. */
const layersOf = ({ decoder }: Transformer): string[] => decoder.layers.map((_, index) => layerName(index));

/** Translate a sentence, and see which of its words the decoder looked at for each of its own. */
export default defineDemo({
  title: 'Translate a sentence',
  description:
    'The decoder writes the translation symbol by symbol, and attends to the symbols of the sentence that it needs. ⊣ is the end, ␣ the space before a word.',
  isStarted: true,
  inputs: ({ model }: Loaded) => ({
    sentence: text({ lines: 2, maxLength: 1000, default: 'The man sees a dog.', label: 'Sentence' }),
    layer: choice({
      options: layersOf(model),
      default: layersOf(model).at(-1)!,
      label: 'Attention of the decoder',
      hint: 'Mean of the heads.',
    }),
  }),
  outputs: {
    translation: streamedText({ label: 'Translation' }),
    attention: heatMap({ rows: 'translation', columns: 'sentence', label: 'Attention' }),
  },
  load: async ({ weights, config }): Promise<Loaded> => {
    const settings = config as TransformerConfig;
    const tokenizer = await tokenizerOfCheckpoint(settings, weights);
    const model = restoreModel(settings, tokenizer, weights);
    try {
      // Streams are greedy.
      return { model, tokenizer, translator: new Translator(model, tokenizer, { ...settings.decoding, beam: 1 }) };
    } catch (error) {
      model.dispose();
      throw error;
    }
  },
  run: async ({ model, tokenizer, translator }, { sentence, layer }, { signal, emit }) => {
    const index = layersOf(model).indexOf(layer);
    let translation = '';
    for await (const words of translator.stream(sentence, 'sentence')) {
      translation += words;
      await emit({ translation });
      if (signal.aborted) return { translation };
    }
    if (translation === '') return { translation };
    const source = [...tokenizer.encode(sentence.trim()), FRAME.end];
    const target = Array.from(tokenizer.encode(translation)).slice(0, model.config.maxLength - 1);
    const attention = await attentionOf(model, { source, input: [FRAME.begin, ...target] });
    return {
      translation,
      attention: {
        ...meanOfHeads(attention[`decoder.${index}.cross_attention`]!),
        rows: symbolLabels(tokenizer, [...target, FRAME.end]),
        columns: symbolLabels(tokenizer, source),
      },
    };
  },
  dispose: ({ model, translator }) => {
    translator.dispose();
    model.dispose();
  },
});

function meanOfHeads({ weights, shape: [heads, height, width] }: AttentionWeights): HeatMap {
  const values = new Float32Array(height * width);
  for (const [at, weight] of weights.entries()) values[at % values.length]! += weight / heads;
  return { values, height, width };
}
