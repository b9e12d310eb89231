import type { Study } from '@motley/run/node';
import type { LasSpeechConfig } from './config.ts';

type Variants = Study<LasSpeechConfig>['variants'];

const columns = (
  [
    ['letters wrong, seen voices, %', 'seenVoices.characterErrorRate'],
    ['words wrong, %', 'seenVoices.wordErrorRate'],
    ['unseen voices, %', 'unseenVoices.characterErrorRate'],
    ['unseen words, %', 'unseenWords.characterErrorRate'],
    ['long, %', 'long.characterErrorRate'],
  ] as const
).map(([heading, metric]) => ({ heading, metric, scale: 100, digits: 2 }));

/** Training of the ablation: it ends where all variants that read at all read. */
const small = {
  data: { utterances: 4000, buckets: 3 },
  model: { listenerUnits: 96, spellerUnits: 192 },
  training: { epochs: 8 },
} as const;

const ablationVariants: Variants = {
  full: { description: 'location-aware attention, CTC, SpecAugment, a pyramid of two layers', config: small },
  'no-ctc': { description: 'the speller alone', config: { ...small, model: { ...small.model, heads: 'attention' } } },
  'ctc-alone': {
    description: 'the same listener with CTC alone',
    config: { ...small, model: { ...small.model, heads: 'ctc' } },
  },
  'dot-product': {
    description: "the paper's attention, which does not know where it looked last",
    config: { ...small, model: { ...small.model, attention: 'dot-product' } },
  },
  'no-masks': {
    description: 'without SpecAugment',
    config: { ...small, augmentation: { bandMasks: 0, frameMasks: 0 } },
  },
  'no-pyramid': {
    description: 'four frames are one step of the first layer, and none above halves the time',
    config: { ...small, model: { ...small.model, framesPerStep: 4, pyramidLayers: 0 } },
  },
  'always-told': {
    description: 'the speller is told every letter of the transcript',
    config: { ...small, training: { ...small.training, teacherForcing: 1, finalTeacherForcing: 1 } },
  },
};

/** The recipe without one of its parts each. */
const ablation: Study<LasSpeechConfig> = {
  description: 'the recipe without one of its parts each, on 4,000 utterances',
  variants: ablationVariants,
  columns,
};

/** The default, and its listener with CTC alone. */
const twin: Study<LasSpeechConfig> = {
  description: 'the default and the same listener with CTC alone',
  variants: {
    'attend-and-spell': { description: 'the default', config: {} },
    'ctc-alone': { description: 'the same listener with CTC alone', config: { model: { heads: 'ctc' } } },
  },
  columns,
};

export const studies = { ablation, twin };
