import { choice, defineDemo, highlightedWords, labels, text } from '@motley/core/demo';
import type { TweetCnnConfig } from './config.ts';
import { restoreModel } from './create-model.ts';
import { evidenceFor, evidenceOfWords } from './evidence.ts';
import type { TextCnn } from './model.ts';
import { readTexts } from './predict.ts';

const MAX_LENGTH = 2000;
/** Classes with bars. */
const SHOWN = 8;
const LIKELIEST = 'the likeliest';

interface Loaded {
  readonly model: TextCnn;
  /** Words read of a text. */
  readonly longest: number;
}

/** Write a text, see whose it is, and which words decided. */
export default defineDemo({
  title: 'Which camp, and which words?',
  description:
    'The network reads windows of a few words. Each word has the color of what its windows say for a class, or against it; words that the training lacked count as one unknown word.',
  inputs: ({ model: { labels: learned } }: Loaded) => ({
    text: text({
      lines: 4,
      maxLength: MAX_LENGTH,
      default: learned.vocabulary.words.slice(2, 14).join(' '),
      label: 'Text',
    }),
    decided: choice({
      options: [LIKELIEST, ...learned.classNames],
      default: LIKELIEST,
      label: 'Words that speak for',
    }),
  }),
  outputs: {
    classes: labels({ top: SHOWN, label: 'Classes' }),
    words: highlightedWords({ label: 'Evidence of the words' }),
  },
  load: async ({ weights, config }): Promise<Loaded> => {
    const settings = config as TweetCnnConfig;
    return { model: await restoreModel(settings, weights), longest: settings.data.longest };
  },
  run: async ({ model, longest }, values) => {
    const { words, symbols, guesses } = (await readTexts(model, [values.text], longest))[0]!;
    const classes = guesses.map(({ className, probability }) => ({ label: className, score: probability }));
    if (words.length === 0) return { classes, words: [] };
    const className = values.decided === LIKELIEST ? guesses[0]!.className : values.decided;
    const evidence = await evidenceFor(model, symbols, model.labels.classNames.indexOf(className));
    const sums = evidenceOfWords(evidence, words.length);
    const most = sums.reduce((largest, value) => Math.max(largest, Math.abs(value)), Number.MIN_VALUE);
    return { classes, words: words.map((word, index) => ({ word, weight: sums[index]! / most })) };
  },
  dispose: ({ model }) => {
    model.dispose();
  },
});
