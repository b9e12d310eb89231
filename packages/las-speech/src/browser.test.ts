import { describeInBrowser } from '@motley/test-tools';

describeInBrowser(import.meta.dirname, [
  'alphabet',
  'attention',
  'augment',
  'config',
  'demo',
  'edit-distance',
  'error-rates',
  'features',
  'locked-dropout',
  'loss',
  'model',
  'speller',
  'decoding/beam-search',
  'index',
  'predict',
]);
