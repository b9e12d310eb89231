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

/** Training of the ablation: as the preset `small`, in fewer buckets, which compile sooner. */
const small = {
  data: { utterances: 6000, buckets: 3 },
  model: { listenerUnits: 96, spellerUnits: 192 },
} as const;

const ablationVariants: Variants = {
  full: {
    description: 'location-aware attention, CTC, SpecAugment, two frames a step and a pyramidal layer',
    config: small,
  },
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
    description: 'four frames are one step of the first layer, and no layer above halves the time',
    config: { ...small, model: { ...small.model, framesPerStep: 4, pyramidLayers: 0 } },
  },
  'always-told': {
    description: 'the speller is told every letter of the transcript',
    config: { ...small, training: { teacherForcing: 1, finalTeacherForcing: 1 } },
  },
  'told-less': {
    description: 'the speller is told nine letters of ten at first, and seven at the end',
    config: { ...small, training: { teacherForcing: 0.9, finalTeacherForcing: 0.7 } },
  },
  'smooth-labels': { description: 'label smoothing of 0.1', config: { ...small, training: { labelSmoothing: 0.1 } } },
};

/** The recipe without one of its parts each. */
const ablation: Study<LasSpeechConfig> = {
  description: 'the recipe without one of its parts each, on 6,000 utterances, four times',
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
